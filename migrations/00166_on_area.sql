-- Whoever counts may read whether a visit was on a focus area: its id, and no word of it.

-- +goose Up
grant select (focus_area_id) on visit to undring_culture;
