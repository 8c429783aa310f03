//! The list of cases that every ledger passes.

macro_rules! contract {
    ($engine:ident, $build:path) => {
        contract! { $engine, $build;
            opening::what_was_opened_is_found;
            opening::an_unknown_reference_is_not_found;
            opening::the_same_again_is_repeated;
            opening::anything_else_under_the_reference_conflicts;
            opening::g_10_64_parallel_opens_of_one_reference_are_one_hand_off;
            opening::a_key_stands_for_its_first_hand_off;
            opening::fm_67_64_parallel_opens_under_one_key_are_one_hand_off;
            opening::a_key_with_another_fingerprint_conflicts_and_writes_nothing;
            opening::a_key_under_two_install_keys_is_one_key;
            opening::a_key_used_for_a_known_reference_is_kept;
            opening::a_conflict_does_not_use_the_key_up;
            opening::fm_72_the_ends_of_time_are_kept;
            opening::times_are_whole_microseconds;
            concluding::evidence_moves_the_state_and_is_kept;
            concluding::the_same_message_is_recorded_once;
            concluding::fm_56_the_same_message_ten_times_at_once_is_one_row;
            concluding::fm_61_what_came_too_early_counts_when_the_hand_off_appears;
            concluding::fm_44_another_sum_is_kept_flagged_and_moves_nothing;
            concluding::fm_57_developments_before_the_outcome_are_kept;
            concluding::every_word_can_be_kept;
            concluding::the_chain_grows_by_one_event_a_write;
            claims::only_what_is_due_is_claimed_longest_due_first;
            claims::a_lease_holds_until_its_end_and_counts;
            claims::fm_84_two_chasers_never_hold_the_same;
            claims::an_acceptance_ends_the_chase;
            claims::a_weaker_outcome_does_not_end_the_chase;
            claims::a_development_does_not_end_the_chase;
            claims::what_came_too_early_leaves_nothing_to_chase;
            claims::rescheduled_is_due_then_and_given_up_is_never_due;
            doubts::inv_6_a_doubt_is_due_or_listed_until_its_outcome_is_known;
            doubts::a_doubt_is_given_up_by_its_age_and_its_tries;
            doubts::the_oldest_doubt_first_and_no_hosted_page_among_them;
            doubts::fm_58_what_a_person_found_is_kept_and_can_be_beaten;
            feed::an_item_is_the_hand_off_as_it_stood;
            feed::what_was_parked_is_told_by_its_opening;
            feed::pages_of_any_size_are_the_same_feed;
            feed::a_cursor_of_another_record_is_refused;
            feed::what_was_purged_is_passed_over;
            feed::a_reader_among_writers_misses_nothing;
            outbox::who_subscribes_is_told_what_comes_in_order;
            outbox::what_was_not_taken_is_told_again_and_holds_its_hand_off_up;
            outbox::who_is_gone_is_told_nothing_until_told_again;
            outbox::what_was_given_up_lets_the_next_pass_and_can_be_told_again;
            outbox::what_was_told_goes_with_its_hand_off;
            outbox::the_log_is_read_on_from_any_line;
            outbox::how_far_a_subscriber_is_behind;
            outbox::couriers_beside_writers_tell_everything_once_and_in_order;
            lists::newest_first_page_by_page;
            lists::only_the_state_asked_for_across_many_rows;
            lists::only_what_a_person_must_look_at;
            lists::an_empty_ledger_is_empty_whole_and_ready;
            surveys::an_empty_record_is_empty_at_a_glance;
            surveys::only_what_was_opened_in_the_stretch_and_mode_counts;
            surveys::groups_are_of_what_is_alike;
            surveys::developments_overdue_pages_and_webhooks_are_counted;
            surveys::whatever_the_rule_flags_is_found_and_nothing_else;
            surveys::many_that_are_flagged_are_counted_all;
            traces::what_was_about_to_be_sent_is_found_oldest_first;
            traces::a_mark_is_written_once_and_only_of_what_was_opened;
            traces::fm_2_fm_3_what_is_opened_to_be_sent_is_marked_at_once_or_says_that_it_is_not;
            traces::a_processor_reference_belongs_to_one_hand_off;
            traces::reports_are_read_further_and_never_less_far;
            purging::what_is_over_and_old_goes_and_the_chain_proves_whole;
            purging::what_is_awaited_in_doubt_or_new_stays;
            purging::fm_87_evidence_about_what_was_purged_is_parked;
            purging::fm_87_messages_while_a_purge_runs_are_each_kept;
            purging::fm_88_a_key_goes_with_its_hand_off;
            purging::a_record_that_was_purged_whole_goes_on;
            purging::any_order_of_purges_leaves_a_whole_chain;
            purging::days_are_purged_step_by_step;
            chronicle::a_chapter_is_the_record_of_one_moment;
            chronicle::a_record_has_its_links_and_no_others;
            chronicle::a_record_is_held_against_what_was_written_down_of_it;
            chronicle::an_export_while_the_service_writes_is_of_one_moment;
            chronicle::an_export_is_of_its_days_and_its_mode;
            purging::g_d3_one_hand_off_is_erased_by_its_reference;
            model::any_course_of_events_agrees_with_the_model;
        }
    };
    ($engine:ident, $build:path; $($subject:ident::$case:ident;)+) => {
        mod $engine {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    let house = $build().await;
                    crate::$subject::$case(std::sync::Arc::clone(&house.ledger)).await;
                    house.ledger.verify().await.unwrap();
                }
            )+
        }
    };
}
