-- +goose Up
alter table exchange_policy add column figures_in_words boolean not null default false;
