"""About the calendar."""

TEXTS = {
    "Event": "日程",
    "Untitled": "无标题",
    "events": "日程",
    "Event created": "日程已创建",
    "Event updated": "日程已更新",
    "Event deleted": "日程已删除",
    "Events deleted": "日程已删除",
    "Event rescheduled": "日程时间已调整",
    "Attendees added": "参与人已添加",
    "Attendee removed": "参与人已移除",
    "Attendee not found.": "参与人不存在。",
    "Response saved": "回复已保存",
    "Only attendees can answer an invitation.": "只有参与人可以回复邀请。",
    "An event can have at most {max} attendees.": "一个日程最多可有 {max} 位参与人。",
    "An event can last at most {days} days.": "一个日程最长 {days} 天。",
    "The end must not be before the start.": "结束时间不能早于开始时间。",
    "Enter a time between the years {first} and {last}.": "请输入 {first} 年到 {last} 年之间的时间。",
    "You are invited to an event": "您收到日程邀请",
    "{name} invited you to “{event}”, {when}.": "{name} 邀请您参加“{event}”（{when}）。",
    "An event was moved": "日程时间已调整",
    "{name} moved “{event}” to {when}.": "{name} 将“{event}”调整到 {when}。",
    "An event was cancelled": "日程已取消",
    "{name} cancelled “{event}”, {when}.": "{name} 取消了“{event}”（{when}）。",
    "You are no longer invited": "您已被移出日程",
    "{name} removed you from “{event}”, {when}.": "{name} 将您移出了“{event}”（{when}）。",
    "An attendee left": "有参与人退出日程",
    "{name} left “{event}”, {when}.": "{name} 退出了“{event}”（{when}）。",
    "An invitation was answered": "日程邀请有新回复",
    "{name} accepted “{event}”, {when}.": "{name} 接受了“{event}”（{when}）。",
    "{name} declined “{event}”, {when}.": "{name} 拒绝了“{event}”（{when}）。",
    "{name} is undecided about “{event}”, {when}.": "{name} 暂未决定是否参加“{event}”（{when}）。",
    "All day {when}": "全天：{when}",
    "Starts {when}": "开始时间：{when}",
    "{what}, {where}": "{what}，{where}",
    "{first} to {last}": "{first} 至 {last}",
    "This is not the id of an event.": "日程 ID 无效。",
    # series
    "A series needs a rule or additional dates.": "重复日程需要重复规则或附加日期。",
    "The event has to start on an occurrence of its rule.": "日程的开始时间必须符合其重复规则。",
    "This rule never occurs.": "此重复规则不会产生任何日程。",
    "To change the recurrence, use the scope following or all.": (
        "如需修改重复规则，请将 scope 设为 following 或 all。"
    ),
    "To change one occurrence or it and the following ones, use its id.": (
        "如需修改某次日程或该次及之后的日程，请使用该次日程的 ID。"
    ),
    "A series can have at most {max} changed occurrences.": (
        "一个重复日程最多可单独修改 {max} 次日程。"
    ),
    "Your series can have at most {max:,} occurrences. End some series first.": (
        "您的重复日程总共最多可有 {max:,} 次，请先结束一些重复日程。"
    ),
    # rules
    "A rule can have at most {max} characters.": "重复规则最多 {max} 个字符。",
    "A rule can have at most {max} occurrences a day.": "重复规则在一天内最多可有 {max} 个时间。",
    "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY.": (
        "FREQ 必须是 DAILY、WEEKLY、MONTHLY 或 YEARLY。"
    ),
    "Use COUNT or UNTIL, not both.": "COUNT 和 UNTIL 不能同时使用。",
    "“{part}” is not part of a rule.": "“{part}”不是重复规则的有效部分。",
    "{name} appears twice.": "{name} 出现了两次。",
    "{name} cannot be used with FREQ={freq}.": "{name} 不能与 FREQ={freq} 一起使用。",
    "{name} can have at most {max} values.": "{name} 最多可有 {max} 个值。",
    "{name} must be from {least} to {most}.": "{name} 必须在 {least} 到 {most} 之间。",
    "{name} must be from {least} to {most}, or from -{most} to -{least}.": (
        "{name} 必须在 {least} 到 {most} 或 -{most} 到 -{least} 之间。"
    ),
    "The rule of an all-day event cannot have hours, minutes or seconds.": (
        "全天日程的重复规则不能包含时、分、秒。"
    ),
    "BYDAY must be weekdays, like MO, 1MO or -1FR.": "BYDAY 必须是星期，例如 MO、1MO 或 -1FR。",
    "BYDAY can have numbers only with MONTHLY or YEARLY, and without BYWEEKNO.": (
        "BYDAY 只有在 FREQ 为 MONTHLY 或 YEARLY 且没有 BYWEEKNO 时才能带数字。"
    ),
    "With MONTHLY, the numbers in BYDAY can be at most {max}.": "按月重复时，BYDAY 的数字最大为 {max}。",
    "BYSETPOS needs another BY part.": "BYSETPOS 必须与其他 BY 部分一起使用。",
    "WKST must be a weekday, like MO.": "WKST 必须是星期，例如 MO。",
    "UNTIL must be a date or a time, like 20301231T235959Z.": (
        "UNTIL 必须是日期或时间，例如 20301231T235959Z。"
    ),
    # free/busy
    "Choose at most {max} users.": "最多选择 {max} 位用户。",
    "The end must be at most {days} days after the start.": "结束时间最多可晚于开始时间 {days} 天。",
    "These users do not exist, or you share no team with them: {ids}.": (
        "以下用户不存在，或与您不在同一团队：{ids}。"
    ),
    # iCalendar
    "Feed created": "日历订阅已创建",
    "Feed deleted": "日历订阅已删除",
    "This feed does not exist or was deleted.": "日历订阅不存在或已删除。",
    "Calendar imported": "日历已导入",
    "This is not a calendar file (iCalendar, RFC 5545).": "这不是日历文件（iCalendar，RFC 5545）。",
    "Send {type}, or a form with a file.": "请发送 {type} 内容，或包含文件的表单。",
    "A calendar can have at most {max:,} parameters and values.": (
        "日历文件最多包含 {max:,} 个参数和值。"
    ),
    "A calendar can have at most {max:,} lines.": "日历文件最多可有 {max:,} 行。",
    "A calendar can have at most {max} events.": "日历文件最多可有 {max} 个日程。",
    "The file defines too many time zones.": "文件定义的时区过多。",
    "The rules of time zones must occur once a year, in one month.": (
        "时区规则必须每年在一个月份内出现一次。"
    ),
    "Event {number}: {reason}": "第 {number} 个日程：{reason}",
    "Event {number} cannot be read.": "无法读取第 {number} 个日程。",
    "The UID is missing, or has more than {max} characters.": "缺少 UID，或 UID 超过 {max} 个字符。",
    "A series can have one RRULE and no EXRULE.": "重复日程只能有一条 RRULE，且不能有 EXRULE。",
    # invitations
    "Invitation: {title}": "日程邀请：{title}",
    "Cancelled: {title}": "日程已取消：{title}",
    "{organizer} invites you to “{title}”, {when}.\n\n{link}\n": (
        "{organizer} 邀请您参加“{title}”（{when}）。\n\n{link}\n"
    ),
    "“{title}”, {when}, was cancelled, or you are no longer invited.\n": (
        "“{title}”（{when}）已取消，或您不再受邀参加。\n"
    ),
}
