package review

import "strings"

// suggest offers ways to ask instead, about the topic of the text where one is
// recognised. They are beginnings: no word of the writer's is changed.
func (r *ruleset) suggest(k Kind, t *text) []string {
	topic := r.Topic.It
	if found := r.topicOf(t); found != "" {
		topic = found
	}
	out := make([]string, 0, len(r.Suggestions[k.String()]))
	for _, s := range r.Suggestions[k.String()] {
		out = append(out, strings.ReplaceAll(s, "{topic}", topic))
	}
	return out
}

// topicOf finds what a text is about, by the beginnings of its words: endings differ
// by form and language.
func (r *ruleset) topicOf(t *text) string {
	for _, topic := range r.Topic.Groups {
		for i := range t.sentences {
			for _, w := range t.sentences[i].words {
				if strings.HasPrefix(w, topic[0]) {
					return topic[1]
				}
			}
		}
	}
	return ""
}
