"""The elements of Microsoft Project XML that a reader deals with, by what they are in.

Taken are those that become something, or a line of the report. Computed are those that follow from
others, or steer how Project calculates and shows; whoever reads a plan anew has no use for them.
What is in neither list is reported when a file has a value for it.
"""

from __future__ import annotations

from collections.abc import Mapping

_SLACK = "StartSlack FinishSlack FreeSlack TotalSlack StartVariance FinishVariance WorkVariance"
_EARNED = "ACWP CV BCWS BCWP SV VAC CostVariance EarnedValueMethod"
_LATER_COSTS = "ActualOvertimeCost RemainingOvertimeCost"
_LATER_WORK = (
    "PercentWorkComplete RegularWork RemainingWork OvertimeWork ActualOvertimeWork"
    " RemainingOvertimeWork ActualWorkProtected ActualOvertimeWorkProtected"
)
_COSTS = "Cost ActualCost RemainingCost OvertimeCost"

TAKEN: Mapping[str, str] = {
    "Project": "GUID Name Title Author CreationDate LastSaved ScheduleFromStart StartDate"
    " FinishDate CalendarUID MinutesPerDay"
    " ExtendedAttributes OutlineCodes Calendars Tasks Resources Assignments",
    "Task": "UID ID Name Active Manual IsNull CreateDate Contact WBS OutlineNumber OutlineLevel"
    " Priority Start Finish Duration DurationFormat Work Stop Resume Recurring Estimated Milestone"
    " Summary IsSubproject SubprojectName ExternalTask FixedCost PercentComplete ActualStart"
    " ActualFinish ActualWork ConstraintType CalendarUID ConstraintDate Deadline Hyperlink"
    f" HyperlinkAddress HyperlinkSubAddress Notes {_COSTS} PredecessorLink ExtendedAttribute"
    " Baseline OutlineCode",
    "Resource": "UID ID Name Type IsNull Initials Group EmailAddress MaxUnits StandardRate"
    " OvertimeRate CostPerUse CalendarUID IsCostResource",
    "Assignment": "UID TaskUID ResourceUID Units Work ActualWork",
}
COMPUTED: Mapping[str, str] = {
    "Project": "SaveVersion UID Revision FYStartDate"
    " CriticalSlackLimit CurrencyDigits CurrencySymbol CurrencyCode CurrencySymbolPosition"
    " DefaultStartTime DefaultFinishTime MinutesPerWeek DaysPerMonth DefaultTaskType"
    " DefaultFixedCostAccrual DefaultStandardRate DefaultOvertimeRate DurationFormat WorkFormat"
    " EditableActualCosts HonorConstraints EarnedValueMethod InsertedProjectsLikeSummary"
    " MultipleCriticalPaths NewTasksEffortDriven NewTasksEstimated SplitsInProgressTasks"
    " SpreadActualCost SpreadPercentComplete TaskUpdatesResource FiscalYearStart WeekStartDay"
    " MoveCompletedEndsBack MoveRemainingStartsBack MoveRemainingStartsForward"
    " MoveCompletedEndsForward BaselineForEarnedValue AutoAddNewResourcesAndTasks StatusDate"
    " CurrentDate MicrosoftProjectServerURL Autolink NewTaskStartDate NewTasksAreManual"
    " DefaultTaskEVMethod ProjectExternallyEdited ExtendedCreationDate ActualsInSync"
    " RemoveFileProperties AdminProject WBSMasks BaselineCalendar"
    " UpdateManuallyScheduledTasksWhenEditingLinks"
    " KeepTaskOnNearestWorkingTimeWhenMadeAutoScheduled"
    " Views Filters Groups Tables Maps Reports Drawings DataLinks VBAProjects",
    "Task": "GUID Type WBSLevel ResumeValid EffortDriven OverAllocated Critical"
    " IsSubprojectReadOnly ExternalTaskProject EarlyStart EarlyFinish LateStart LateFinish"
    " FixedCostAccrual ActualDuration RemainingDuration LevelAssignments LevelingCanSplit"
    " LevelingDelay LevelingDelayFormat PreLeveledStart PreLeveledFinish IgnoreResourceCalendar"
    " HideBar Rollup IsPublished CommitmentStart CommitmentFinish CommitmentType ManualStart"
    " ManualFinish ManualDuration DisplayAsSummary DisplayOnTimeline TimephasedData"
    f" ActualOvertimeCost {_LATER_COSTS} {_LATER_WORK} {_SLACK} {_EARNED}",
    "Resource": "GUID WorkGroup PeakUnits OverAllocated AvailableFrom AvailableTo Start Finish"
    " CanLevel AccrueAt Work ActualWork StandardRateFormat OvertimeRateFormat IsGeneric"
    " IsEnterprise ActiveDirectoryGUID CreationDate Baseline IsBudget Rates TimephasedData"
    f" AvailabilityPeriods {_COSTS} {_LATER_COSTS} {_LATER_WORK} {_SLACK} {_EARNED}",
    "Assignment": "GUID ActualFinish ActualStart Confirmed CostRateTable Delay Finish"
    " HasFixedRateUnits FixedMaterial LevelingDelay LevelingDelayFormat LinkedFields Milestone"
    " Overallocated PeakUnits ResponsePending Start Stop Resume Summary UpdateNeeded WorkContour"
    " BookingType CreationDate BudgetCost BudgetWork Baseline TimephasedData"
    f" {_COSTS} {_LATER_COSTS} {_LATER_WORK} {_SLACK} {_EARNED}",
}
KNOWN: Mapping[str, frozenset[str]] = {
    section: frozenset(f"{TAKEN[section]} {COMPUTED[section]}".split()) for section in TAKEN
}
# What is in elements that have parts; of those not named here it is nothing at all.
PARTS: Mapping[str, frozenset[str]] = {
    name: frozenset(parts.split())
    for name, parts in {
        "Task/PredecessorLink": "PredecessorUID Type CrossProject CrossProjectName LinkLag"
        " LagFormat",
        "Task/ExtendedAttribute": "UID FieldID Value ValueID ValueGUID DurationFormat",
        "Task/OutlineCode": "UID FieldID ValueID ValueGUID",
        "Task/Baseline": "TimephasedData Number Interim Start Finish Duration DurationFormat"
        " EstimatedDuration Work Cost FixedCost BCWS BCWP",
        "Project/ExtendedAttributes": "ExtendedAttribute",
        "Project/ExtendedAttributes/ExtendedAttribute": "FieldID FieldName CFType Guid ElemType"
        " MaxMultiValues UserDef Alias SecondaryPID SecondaryGuid AutoRollDown DefaultGuid Ltuid"
        " PhoneticAlias RollupType CalculationType Formula RestrictValues ValuelistSortOrder"
        " AppendNewValues Default ValueList",
        "Project/ExtendedAttributes/ExtendedAttribute/ValueList": "Value",
        "Project/ExtendedAttributes/ExtendedAttribute/ValueList/Value": "ID Value Description"
        " Phonetic",
        "Project/OutlineCodes": "OutlineCode",
        "Project/OutlineCodes/OutlineCode": "Guid FieldID FieldName Alias PhoneticAlias Values"
        " Enterprise EnterpriseOutlineCodeAlias ResourceSubstitutionEnabled LeafOnly"
        " AllLevelsRequired OnlyTableValuesAllowed ShowIndent Masks",
        "Project/OutlineCodes/OutlineCode/Values": "Value",
        "Project/OutlineCodes/OutlineCode/Values/Value": "ValueID FieldGUID Type ParentValueID"
        " Value Description",
        "Project/Calendars": "Calendar",
        "Project/Calendars/Calendar": "UID GUID Name IsBaseCalendar IsBaselineCalendar"
        " BaseCalendarUID WeekDays Exceptions",
        "Project/Calendars/Calendar/WeekDays": "WeekDay",
        "Project/Calendars/Calendar/WeekDays/WeekDay": "DayType DayWorking TimePeriod WorkingTimes",
        "Project/Calendars/Calendar/Exceptions": "Exception",
        "Project/Calendars/Calendar/Exceptions/Exception": "EnteredByOccurrences TimePeriod"
        " Occurrences Name Type Period DaysOfWeek MonthItem MonthPosition Month MonthDay DayWorking"
        " WorkingTimes",
        "Project/Tasks": "Task",
        "Project/Resources": "Resource",
        "Project/Assignments": "Assignment",
    }.items()
}
# Of these nothing is looked at: amounts by the day, hours of a day, and how Project shows things.
UNREAD = frozenset(
    (
        *("Task/TimephasedData", "Resource/TimephasedData", "Assignment/TimephasedData"),
        *("Task/Baseline/TimephasedData", "Resource/Baseline", "Assignment/Baseline"),
        *("Resource/Rates", "Resource/AvailabilityPeriods", "Project/WBSMasks"),
        "Project/OutlineCodes/OutlineCode/Masks",
        *(
            f"Project/Calendars/Calendar/{days}/{part}"
            for days in ("WeekDays/WeekDay", "Exceptions/Exception")
            for part in ("TimePeriod", "WorkingTimes")
        ),
        *(
            f"Project/{name}"
            for name in (
                *("Views", "Filters", "Groups", "Tables", "Maps", "Reports", "Drawings"),
                *("DataLinks", "VBAProjects", "Tasks/Task", "Resources/Resource"),
                "Assignments/Assignment",
            )
        ),
    )
)
