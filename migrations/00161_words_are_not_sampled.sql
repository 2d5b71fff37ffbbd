-- The planner's statistics keep samples of what columns hold, word by word, in a table of the
-- system's that no erasure reaches: and of a table that is empty they stay for ever. Nothing is
-- planned by people's words, so none are sampled. A test holds it for every column that a room
-- declares. Samples from before this migration only a superuser can take away:
-- docs/running.md says how.

-- +goose Up
alter table reply alter text set statistics 0;
alter table conversation alter summary set statistics 0;
alter table correction alter text set statistics 0;
alter table own_view alter text set statistics 0;
alter table takeaway alter text set statistics 0, alter borrowed set statistics 0;
alter table draft alter body set statistics 0;
alter table question_opening alter text set statistics 0;
alter table question alter text set statistics 0, alter source set statistics 0, alter answer set statistics 0;
alter table feedback_point alter text set statistics 0, alter effect set statistics 0;
alter table prompt alter text set statistics 0;
alter table need alter text set statistics 0;
alter table need_support alter story set statistics 0;
alter table hearing_voice alter text set statistics 0;
alter table action alter text set statistics 0, alter lesson set statistics 0, alter did set statistics 0, alter happened set statistics 0, alter questioned set statistics 0, alter next set statistics 0;
alter table learning alter text set statistics 0, alter source set statistics 0, alter words set statistics 0;
alter table learning_response alter text set statistics 0;
alter table round_report alter did set statistics 0, alter happened set statistics 0, alter questioned set statistics 0;
alter table visit alter place set statistics 0, alter name_out set statistics 0, alter focus_question set statistics 0, alter intention set statistics 0, alter expectation set statistics 0, alter later_intention set statistics 0, alter later_expectation set statistics 0, alter look_for set statistics 0, alter do_not_note set statistics 0, alter wanted_feedback set statistics 0, alter suggested_focus set statistics 0;
alter table note alter text set statistics 0, alter tag set statistics 0;
alter table open_lesson alter place set statistics 0, alter title set statistics 0, alter focus_question set statistics 0, alter wanted_feedback set statistics 0;
alter table request alter reply set statistics 0;
alter table person alter given_name set statistics 0, alter family_name set statistics 0, alter email set statistics 0, alter login set statistics 0, alter sourced_id set statistics 0;
alter table register_entry alter sourced_id set statistics 0;
alter table roster_import alter before set statistics 0;
alter table identity_change alter was set statistics 0, alter said set statistics 0, alter issuer set statistics 0, alter subject set statistics 0, alter before set statistics 0;
alter table session alter device_name set statistics 0, alter device_key set statistics 0;
alter table sign_in_link alter issuer set statistics 0, alter subject set statistics 0;
