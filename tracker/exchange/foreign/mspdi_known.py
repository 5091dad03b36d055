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
    "Project": "GUID Name Title Author CreationDate LastSaved StartDate CalendarUID MinutesPerDay"
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
    "Project": "SaveVersion UID Revision ScheduleFromStart FinishDate FYStartDate"
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
