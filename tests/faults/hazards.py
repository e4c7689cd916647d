"""The forty-five hazards of synchronisation, and the tests that would notice each of them.

What other engines' users reported, in the words of what went wrong for them. A hazard that cannot
occur here names the tests of the property that forbids it.
"""
# long: one list, in the order of the numbers that others refer to by

from dataclasses import dataclass

_ENGINE = "desktop/sync/test_engine.py"
_EXCHANGE = "desktop/sync/test_exchange.py"
_REAL = "desktop/sync/test_real_server.py"
_BOOTSTRAP = "desktop/sync/test_bootstrap.py"
_MENDING = "desktop/sync/test_mending.py"
_FILES = "desktop/database/test_files.py"
_JOURNAL = "desktop/journal/test_journal.py"
_WORK = "desktop/work/test_work.py"
_ENROLMENT = "desktop/enrolment/test_enrolment.py"
_PUSH = "sync_server/test_push.py"
_PULL = "sync_server/test_pull.py"
_FEED = "sync_server/test_feed.py"
_TOKEN = "sync_server/test_token.py"
_COMPACTION = "sync_server/test_compaction.py"
_FILE = "sync_server/test_bootstrap_file.py"
_OFFER = "sync_server/test_bootstrap_offer.py"
_BOTH = "sync_server/test_both_engines.py"
_APPLY = "shared/sync/test_apply.py"
_REBASE = "shared/sync/test_rebase.py"
_KILL = "sync_server/test_kill.py"
_STATEMENT = "faults/test_kill_at_every_statement.py"
_PROCESS = "faults/test_kill_process.py"
_MODEL = "faults/test_sync_model.py"
_HAZARDS = "faults/test_hazards.py"
_CORPUS = "contracts/test_command_corpus.py"
_KEPT = "contracts/test_kept_devices.py"
_TWO_RELEASES = "contracts/test_two_releases.py"


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard; `tests` are files below tests/ and names in them."""

    number: int
    what: str
    tests: tuple[tuple[str, str], ...]
    why_not: str = ""
    """Where it cannot occur: what forbids it."""


HAZARDS = (
    Hazard(
        1,
        "a push is repeated after a lost answer and everything is there twice",
        (
            (_ENGINE, "test_lost_answers_double_nothing"),
            (_PUSH, "test_repeated_push_gets_the_stored_outcomes_and_changes_nothing"),
        ),
    ),
    Hazard(
        2,
        "the document is protected against a repetition, its lines are not",
        ((_PUSH, "test_repeated_push_gets_the_stored_outcomes_and_changes_nothing"),),
        "ids of everything inside a command derive from the command's id",
    ),
    Hazard(
        3,
        "two processes send the same queue",
        (
            (_FILES, "test_a_second_start_on_the_same_profile_is_told_so"),
            (_PUSH, "test_overlapping_push_goes_on_where_it_stopped"),
        ),
        "a profile is locked by one process",
    ),
    Hazard(
        4,
        "one bad record holds up the queue",
        (
            (_PUSH, "test_a_thousand_commands_behind_a_poisoned_one_go_on"),
            (_PUSH, "test_poison_in_the_middle_stops_nothing"),
        ),
    ),
    Hazard(
        5,
        "a failed upload is never tried again",
        (
            (_ENGINE, "test_a_cut_cable_shows_and_all_is_sent_when_it_is_mended"),
            (_ENGINE, "test_a_crash_of_ours_is_shown_and_tried_again"),
        ),
    ),
    Hazard(
        6,
        "pending writes keep downloads out",
        (
            (_ENGINE, "test_a_pull_comes_between_two_pushes"),
            (_APPLY, "test_pending_sales_stay_visible_while_newer_rows_come_in_below_them"),
        ),
    ),
    Hazard(
        7,
        "a crash leaves the mark of a pending change without the change",
        ((_STATEMENT, "test_a_kill_at_any_statement_loses_nothing_and_doubles_nothing"),),
    ),
    Hazard(
        8,
        "after a cut or a kill a device is stuck, or differs for ever",
        (
            (_REAL, "test_a_cable_that_is_cut_again_and_again_loses_and_doubles_nothing"),
            (_MODEL, "test_everybody_agrees_after_a_few_short_stories"),
        ),
    ),
    Hazard(
        9,
        "an own change vanishes between its upload and its download",
        (
            (_APPLY, "test_an_echo_of_an_own_command_tells_screens_nothing"),
            (_APPLY, "test_screens_hear_of_exactly_the_rows_that_look_different"),
        ),
        "a command's effects stay until a page contains them, in one transaction",
    ),
    Hazard(
        10,
        "a reader's cursor passes a commit that becomes visible later",
        ((_FEED, "test_reader_that_polls_sees_every_commit_of_eight_slow_writers_in_order"),),
    ),
    Hazard(
        11,
        "a cursor is off by one at the edge of a page",
        ((_PULL, "test_page_boundaries_at_every_seq_and_limit_add_up_to_the_same"),),
    ),
    Hazard(
        12,
        "the log's last word about a row is not how the row is",
        ((_HAZARDS, "test_hazard_12_the_last_log_entry_is_the_row_after_concurrent_changes"),),
    ),
    Hazard(
        13,
        "holes in the numbers make a client ask once per record",
        ((_HAZARDS, "test_hazard_13_a_long_log_takes_no_more_requests_than_it_has_pages"),),
    ),
    Hazard(
        14,
        "the place is saved before the rows",
        (
            (_STATEMENT, "test_a_kill_in_the_middle_of_a_commit_leaves_it_whole_or_not_at_all"),
            (_APPLY, "test_a_page_that_comes_twice_or_out_of_turn_changes_nothing"),
        ),
        "rows and place are one transaction",
    ),
    Hazard(
        15,
        "a bad line makes everything begin again from zero",
        (
            (_BOOTSTRAP, "test_a_broken_line_goes_on_where_it_ended"),
            (_APPLY, "test_small_pages_come_to_the_same_rows_as_one_large_page"),
        ),
    ),
    Hazard(
        16,
        "the first file and the changes after it do not fit together",
        (
            (_HAZARDS, "test_hazard_16_a_file_made_while_people_write_is_one_commit"),
            (_FILE, "test_what_comes_after_the_file_comes_by_pages"),
        ),
    ),
    Hazard(
        17,
        "something is acknowledged before it is on the disk",
        (
            (
                _STATEMENT,
                "test_a_power_cut_that_takes_the_replicas_last_commits_is_made_up_from_the_journal",
            ),
            (_KILL, "test_push_killed_between_commits_is_completed_by_the_next_one"),
        ),
    ),
    Hazard(
        18,
        "a commit as large as the page is dropped",
        ((_PULL, "test_commits_about_the_limit_are_neither_cut_nor_lost"),),
    ),
    Hazard(
        19,
        "a restarted server sends or does things twice",
        ((_KILL, "test_push_killed_between_commits_is_completed_by_the_next_one"),),
    ),
    Hazard(
        20,
        "a row that leaves and comes back within a commit is lost",
        ((_PULL, "test_row_that_leaves_and_comes_back_is_not_lost"),),
    ),
    Hazard(
        21,
        "a client is told to fetch everything again, and again, and again",
        ((_HAZARDS, "test_hazard_21_orders_to_fill_again_are_obeyed_ever_later_and_told"),),
    ),
    Hazard(
        22,
        "all clients fetch everything at once",
        (
            (
                _OFFER,
                "test_five_hundred_devices_that_start_at_once_share_one_file_and_one_look_at_the_log",
            ),
        ),
    ),
    Hazard(
        23,
        "a checksum that differs throws a lot of good rows away",
        (
            (_MENDING, "test_only_the_range_that_differs_is_fetched"),
            (_APPLY, "test_images_go_into_sqlite_and_out_again_as_the_same_bytes"),
        ),
    ),
    Hazard(
        24,
        "a transaction that is tried again runs twice, or not at all",
        (
            (
                "sync_server/test_deferred_writes.py",
                "test_batch_gives_the_same_either_way_or_asks_to_be_done_again",
            ),
            (_FEED, "test_same_command_id_is_run_once"),
        ),
    ),
    Hazard(
        25,
        "a server is put back, and clients come from its future",
        (
            (_ENGINE, "test_a_server_put_back_is_followed_and_gets_back_what_it_forgot"),
            (_PULL, "test_restored_server_refuses_places_in_the_lost_history"),
        ),
    ),
    Hazard(
        26,
        "a client is cloned or put back, and what it writes then is dropped silently",
        (
            (_EXCHANGE, "test_a_cloned_device_is_found_out_and_no_sale_of_either_is_lost"),
            (
                _ENROLMENT,
                "test_a_forked_till_sends_what_is_unsent_in_its_next_life_and_nothing_twice",
            ),
        ),
    ),
    Hazard(
        27,
        "a copy made of pages is corrupt",
        (
            (_FILE, "test_a_changed_byte_is_noticed_and_leaves_nothing"),
            (_FILES, "test_a_replica_damaged_by_a_crash_is_set_aside_and_filled_again"),
        ),
    ),
    Hazard(
        28,
        "a power cut takes a sale whose receipt was printed",
        (
            (_PROCESS, "test_every_printed_receipt_survives_a_kill_and_reaches_the_server_once"),
            (_STATEMENT, "test_a_kill_at_any_statement_loses_nothing_and_doubles_nothing"),
        ),
    ),
    Hazard(
        29,
        "a paid sale is opened again by what another device still shows",
        ((_HAZARDS, "test_hazard_29_a_sale_is_not_reopened_by_what_another_device_still_shows"),),
    ),
    Hazard(
        30,
        "what is unsent stays unsent after a second cut, or is left behind at closing",
        (
            (_REAL, "test_a_cable_that_is_cut_again_and_again_loses_and_doubles_nothing"),
            (_REAL, "test_pairing_anew_sends_what_is_unsent_in_the_next_life"),
        ),
    ),
    Hazard(
        31,
        "after an upgrade what waits cannot be read and is thrown away",
        (
            (_CORPUS, "test_a_command_of_any_release_is_still_read"),
            (_KEPT, "test_all_that_a_till_of_any_release_had_not_sent_arrives_once"),
            (_KEPT, "test_a_till_from_a_drawer_pushes_commands_of_half_a_year_ago"),
            (_JOURNAL, "test_a_journal_of_a_later_release_is_left_alone"),
            (_REBASE, "test_a_command_that_no_release_knows_is_in_doubt_and_stops_nothing"),
        ),
    ),
    Hazard(
        32,
        "a child that comes before its parent stops everything",
        ((_APPLY, "test_small_pages_come_to_the_same_rows_as_one_large_page"),),
        "rows come in the order of their references, and a device does not enforce these",
    ),
    Hazard(
        33,
        "a deleted record is brought back by a device that was away",
        (
            (_BOOTSTRAP, "test_a_device_that_was_away_for_too_long_starts_over_and_loses_nothing"),
            (_APPLY, "test_rows_that_left_come_as_tombstones_and_leave_the_digest"),
        ),
        "devices send commands, never rows",
    ),
    Hazard(
        34,
        "the conflicts of one row fill the memory",
        ((_PULL, "test_later_image_of_a_row_replaces_the_earlier"),),
        "a page holds the last image of a row only, and there are no conflicting versions",
    ),
    Hazard(
        35,
        "a large batch breaks a limit of the database",
        (
            (_PULL, "test_commit_larger_than_the_limit_travels_whole"),
            ("sync_server/test_bulk.py", "test_every_kind_of_value_arrives_whole"),
        ),
    ),
    Hazard(
        36,
        "the first fill takes an hour and freezes the window",
        (
            (_BOOTSTRAP, "test_a_new_device_is_filled_from_a_file_and_agrees_with_the_server"),
            (_FILES, "test_people_go_on_selling_while_another_replica_is_filled"),
        ),
    ),
    Hazard(
        37,
        "a token that ends costs a command, or the exchange for ever",
        (
            (_TOKEN, "test_expired_token_uses_up_no_command"),
            (_REAL, "test_an_expired_token_is_renewed_without_anybody_noticing"),
        ),
    ),
    Hazard(
        38,
        "the wrong clock wins",
        (
            (_PUSH, "test_business_time_and_clock_of_the_device_change_no_order"),
            (_REAL, "test_a_till_whose_clock_is_wrong_gets_its_sales_through"),
        ),
    ),
    Hazard(
        39,
        "a push is given up because somebody changed a row meanwhile",
        (
            (_ENGINE, "test_two_devices_see_each_others_work"),
            (_MODEL, "test_everybody_agrees_after_a_few_short_stories"),
        ),
        "commands are decided on the rows as they are; none carries a row's version",
    ),
    Hazard(
        40,
        "what was sent is sent for ever",
        ((_ENGINE, "test_an_idle_device_says_nothing"),),
    ),
    Hazard(
        41,
        "a column that a client does not know is lost, and nobody notices",
        (
            (_APPLY, "test_a_column_of_a_later_release_is_kept_aside_and_counts_in_the_digest"),
            (_APPLY, "test_rows_of_a_table_of_a_later_release_are_counted_and_left_out"),
            (
                _TWO_RELEASES,
                "test_a_device_works_at_a_later_release_and_is_upgraded_whole",
            ),
        ),
    ),
    Hazard(
        42,
        "somebody chooses to fetch everything, and one side's work is gone",
        (
            (
                _BOOTSTRAP,
                "test_people_go_on_working_while_a_restored_server_fills_their_device_again",
            ),
            (_FILES, "test_a_damaged_journal_is_told_and_never_overwritten"),
            (_FILES, "test_a_device_whose_journal_is_gone_does_not_begin_a_new_one"),
        ),
    ),
    Hazard(
        43,
        "a receipt number is given twice, or left out",
        (
            (_FILES, "test_numbers_of_receipts_that_a_restored_journal_lacks_are_not_given_again"),
            (_JOURNAL, "test_a_number_is_used_up_by_the_command_that_has_it_and_by_no_other"),
            ("sync_server/test_enrol.py", "test_till_has_one_device"),
        ),
    ),
    Hazard(
        44,
        "two engines mean different things by one type or order",
        (
            (_BOTH, "test_any_story_of_a_shop_gives_the_same_rows_on_both_engines"),
            (_BOTH, "test_any_letters_come_back_the_same_on_both_engines"),
            (_BOTH, "test_lists_come_in_the_same_order_on_both_engines"),
        ),
    ),
    Hazard(
        45,
        "the log is shortened under somebody who reads it",
        (
            (
                _HAZARDS,
                "test_hazard_45_pages_read_while_the_log_is_shortened_lack_nothing",
            ),
            (
                _COMPACTION,
                "test_a_fill_under_way_begins_again_when_the_log_was_shortened_meanwhile",
            ),
        ),
    ),
)
