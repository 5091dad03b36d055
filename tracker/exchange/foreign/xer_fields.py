"""What becomes of the fields of a file of Primavera P6, table by table."""

from __future__ import annotations

from collections.abc import Iterator


def _of(table: str, fields: str) -> Iterator[str]:
    return (f"{table}/{field}" for field in fields.split())


TAKEN = (
    *_of(
        "TASK",
        "task_id proj_id wbs_id clndr_id phys_complete_pct complete_pct_type task_type status_code"
        " task_code task_name remain_drtn_hr_cnt act_work_qty remain_work_qty target_work_qty"
        " target_drtn_hr_cnt cstr_date cstr_type cstr_date2 cstr_type2 act_start_date act_end_date"
        " early_start_date early_end_date target_start_date target_end_date priority_type"
        " suspend_date resume_date expect_end_date",
    ),
    *_of("TASKPRED", "task_id pred_task_id proj_id pred_proj_id pred_type lag_hr_cnt"),
    *_of(
        "PROJWBS",
        "wbs_id proj_id wbs_short_name wbs_name parent_wbs_id proj_node_flag",
    ),
    *_of("PROJECT", "proj_id proj_short_name plan_start_date last_recalc_date clndr_id"),
    *_of("CALENDAR", "clndr_id clndr_name day_hr_cnt clndr_data"),
    *_of("SCHEDOPTIONS", "proj_id sched_calendar_on_relationship_lag"),
    *_of("RSRC", "rsrc_id rsrc_name rsrc_short_name rsrc_type"),
    *_of("TASKRSRC", "task_id rsrc_id target_qty act_reg_qty act_ot_qty role_id"),
    *_of("ROLES", "role_id role_name role_short_name"),
    *_of("TASKMEMO", "task_id memo_type_id task_memo"),
    *_of("MEMOTYPE", "memo_type_id memo_type"),
    *_of("TASKPROC", "task_id seq_num proc_name complete_flag"),
    *_of("UDFTYPE", "udf_type_id table_name udf_type_label"),
    *_of("UDFVALUE", "udf_type_id fk_id udf_date udf_number udf_text udf_code_id"),
    *_of("UDFCODE", "udf_code_id udf_code_name short_name"),
    *_of("ACTVTYPE", "actv_code_type_id actv_code_type"),
    *_of("ACTVCODE", "actv_code_id actv_code_type_id short_name actv_code_name"),
    *_of("TASKACTV", "task_id actv_code_id actv_code_type_id"),
)
# What the program works out from others, notes for itself, or sets how it shows and computes.
COMPUTED = (
    *_of(
        "TASK",
        "rev_fdbk_flag est_wt lock_plan_flag auto_compute_act_flag duration_type rsrc_id"
        " total_float_hr_cnt free_float_hr_cnt target_equip_qty act_equip_qty remain_equip_qty"
        " late_start_date late_end_date restart_date reend_date rem_late_start_date"
        " rem_late_end_date float_path float_path_order guid tmpl_guid driving_path_flag"
        " act_this_per_work_qty act_this_per_equip_qty external_early_start_date"
        " external_late_end_date create_date update_date create_user update_user location_id"
        " crt_path_num rollup_flag",
    ),
    *_of("TASKPRED", "task_pred_id float_path aref arls"),
    *_of(
        "PROJWBS",
        "obs_id seq_num est_wt sum_data_flag status_code phase_id ev_user_pct ev_etc_user_value"
        " orig_cost indep_remain_total_cost ann_dscnt_rate_pct dscnt_period_type"
        " indep_remain_work_qty anticip_start_date anticip_end_date ev_compute_type"
        " ev_etc_compute_type guid tmpl_guid plan_open_state",
    ),
    *_of(
        "PROJECT",
        "fy_start_month_num rsrc_self_add_flag allow_complete_flag rsrc_multi_assign_flag"
        " checkout_flag project_flag step_complete_flag cost_qty_recalc_flag batch_sum_flag"
        " name_sep_char def_complete_pct_type acct_id orig_proj_id source_proj_id base_type_id"
        " sum_base_proj_id task_code_base task_code_step priority_num wbs_max_sum_level"
        " strgy_priority_num last_checksum critical_drtn_hr_cnt def_cost_per_qty"
        " plan_end_date scd_end_date add_date last_tasksum_date fcst_start_date def_duration_type"
        " task_code_prefix guid def_qty_type add_by_name web_local_root_path proj_url def_rate_type"
        " add_act_remain_flag act_this_per_link_flag def_task_type act_pct_link_flag"
        " critical_path_type task_code_prefix_flag def_rollup_dates_flag use_project_baseline_flag"
        " rem_target_link_flag reset_planned_flag allow_neg_act_flag sum_assign_level"
        " last_fin_dates_id fintmpl_id last_baseline_update_date cr_external_key"
        " apply_actuals_date location_id last_schedule_date loaded_scope_level export_flag"
        " new_fin_dates_id baselines_to_export baseline_names_to_export next_data_date"
        " close_period_flag sum_refresh_date trsrcsum_loaded sumtask_loaded",
    ),
    *_of(
        "CALENDAR",
        "default_flag proj_id base_clndr_id last_chng_date clndr_type week_hr_cnt month_hr_cnt"
        " year_hr_cnt rsrc_private",
    ),
    *_of(
        "SCHEDOPTIONS",
        "schedoptions_id sched_outer_depend_type sched_open_critical_flag"
        " sched_lag_early_start_flag sched_retained_logic sched_setplantoforecast"
        " sched_float_type sched_use_expect_end_flag sched_progress_override"
        " sched_use_project_end_date_for_float enable_multiple_longest_path_calc"
        " limit_multiple_longest_path_calc max_multiple_longest_path"
        " use_total_float_multiple_longest_paths key_activity_for_multiple_longest_paths"
        " level_priority_list level_over_alloc_pct level_within_float level_keep_sched_date_flag"
        " level_all_rsrc_flag level_float_thrs_cnt",
    ),
    *_of(
        "RSRC",
        "parent_rsrc_id clndr_id role_id shift_id user_id pobs_id guid rsrc_seq_num"
        " def_qty_per_hr cost_qty_type ot_factor active_flag auto_compute_act_flag"
        " def_cost_qty_link_flag ot_flag curr_id unit_id location_id load_tasks_flag level_flag"
        " last_checksum xfer_complete_day_cnt xfer_notstart_day_cnt timesheet_flag",
    ),
    *_of(
        "TASKRSRC",
        "taskrsrc_id proj_id cost_qty_link_flag acct_id pobs_id skill_level remain_qty"
        " remain_qty_per_hr target_lag_drtn_hr_cnt target_qty_per_hr relag_drtn_hr_cnt ot_factor"
        " act_start_date act_end_date restart_date reend_date target_start_date target_end_date"
        " rem_late_start_date rem_late_end_date rollup_dates_flag target_crv remain_crv actual_crv"
        " ts_pend_act_end_flag guid rate_type act_this_per_qty curv_id rsrc_type"
        " cost_per_qty_source_type create_user create_date has_rsrchours taskrsrc_sum_id",
    ),
    *_of(
        "ROLES",
        "parent_role_id seq_num pobs_id def_cost_qty_link_flag cost_qty_type role_descr"
        " last_checksum",
    ),
    *_of("TASKMEMO", "memo_id proj_id"),
    *_of("MEMOTYPE", "seq_num eps_flag proj_flag wbs_flag task_flag"),
    *_of("TASKPROC", "proc_id proj_id proc_wt complete_pct"),
    *_of("UDFTYPE", "udf_type_name logical_data_type super_flag indicator_expression"),
    *_of("UDFVALUE", "proj_id"),
    *_of("UDFCODE", "udf_type_id seq_num parent_udf_code_id"),
    *_of(
        "ACTVTYPE",
        "actv_short_len seq_num proj_id wbs_id actv_code_type_scope super_flag",
    ),
    *_of("ACTVCODE", "parent_actv_code_id seq_num color total_assignments"),
    *_of("TASKACTV", "proj_id"),
)
REPORTED = (
    "TASKPRED/comments",
    *_of("RSRC", "email_addr office_phone other_phone employee_code rsrc_title_name rsrc_notes"),
    *_of(
        "TASKRSRC",
        "cost_per_qty target_cost act_reg_cost act_ot_cost remain_cost act_this_per_cost",
    ),
)
