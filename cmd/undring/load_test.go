package main

import (
	"runtime/debug"
	"testing"
)

// What a line of the history says it was measured on: a commit, or that there were changes, or
// nothing where a build tells of none.
func TestTheHistorySaysWhichCommitWasMeasured(t *testing.T) {
	t.Parallel()
	told := func(settings ...string) *debug.BuildInfo {
		info := new(debug.BuildInfo)
		for i := 0; i < len(settings); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return info
	}
	const revision = "0123456789abcdef0123456789abcdef01234567"
	for name, tc := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"nothing":              {nil, ""},
		"no version control":   {told("GOOS", "linux"), ""},
		"a commit":             {told("vcs.revision", revision, "vcs.modified", "false"), "0123456789ab"},
		"with changes":         {told("vcs.revision", revision, "vcs.modified", "true"), "0123456789ab and changes"},
		"in the other order":   {told("vcs.modified", "true", "vcs.revision", revision), "0123456789ab and changes"},
		"a short one, as some": {told("vcs.revision", "0123"), "0123"},
	} {
		if got := revisionIn(tc.info); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
