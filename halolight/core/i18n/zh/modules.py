"""What the modules say: successes, refusals, notifications."""

TEXTS = {
    # auth
    "Account created": "注册成功",
    "A mail with the next step is on its way": "邮件已发送，请按邮件提示完成下一步",
    "Signed in": "登录成功",
    "Signed out": "已退出登录",
    "Signed out everywhere": "已在所有设备上退出登录",
    "Token refreshed": "令牌已刷新",
    "If the account exists, a mail is on its way": "如果账号存在，邮件将很快送达",
    "Email address confirmed": "邮箱验证成功",
    "If the address waits to be confirmed, a mail is on its way": (
        "如果该邮箱等待验证，邮件将很快送达"
    ),
    "Password set, sign in with it": "密码已设置，请使用新密码登录",
    "Password changed": "密码已修改",
    "Registration is closed. Ask an administrator for an account.": (
        "暂未开放注册，请联系管理员开通账号。"
    ),
    "The email or the password is wrong.": "邮箱或密码错误。",
    "Please confirm your email address with the link that we have sent you.": (
        "请先通过邮件中的链接验证您的邮箱。"
    ),
    "This is not your current password.": "当前密码不正确。",
    "This link has been used or has expired. Ask for a new one.": (
        "链接已使用或已过期，请重新获取。"
    ),
    "Too many failed sign-ins. Try again in {time}.": "登录失败次数过多，请在 {time}后重试。",
    "Too many wrong passwords. Try again in {time}.": "密码错误次数过多，请在 {time}后重试。",
    "Too many mails have been requested. Try again in {time}.": (
        "邮件请求过于频繁，请在 {time}后重试。"
    ),
    "Too many accounts have been registered from here. Try again in {time}.": (
        "当前网络注册的账号过多，请在 {time}后重试。"
    ),
    "Session ended": "会话已结束",
    "Session not found.": "会话不存在。",
    "A sign-in was ended": "一处登录已被终止",
    "An old token of it was used again. It may have been stolen.": (
        "该登录的旧令牌被再次使用，可能已被盗用。"
    ),
    # users
    "User": "用户",
    "users": "用户",
    "Profile updated": "个人资料已更新",
    "User created": "用户已创建",
    "User updated": "用户已更新",
    "User deleted": "用户已删除",
    "Users deleted": "用户已删除",
    "Status updated": "状态已更新",
    "This email address is already in use.": "该邮箱已被使用。",
    "This username is already taken.": "该用户名已被占用。",
    "Use 2 to 100 letters, digits, dots, hyphens or underscores.": (
        "请使用 2 到 100 个字母、数字、点、连字符或下划线。"
    ),
    "There are no such users: {ids}.": "以下用户不存在：{ids}。",
    "Change your own password with POST /api/auth/change-password.": (
        "修改自己的密码请使用 POST /api/auth/change-password。"
    ),
    "You cannot delete your own account.": "不能删除自己的账号。",
    "You cannot change your own role or status.": "不能修改自己的角色或状态。",
    "This user has permissions that you do not have.": "该用户拥有您没有的权限，您无法进行此操作。",
    "This is the last active super administrator. Appoint another one first.": (
        "这是最后一位可用的超级管理员，请先指定另一位。"
    ),
    "Role '{name}' does not exist. See 'flask roles list' for those that do.": (
        "角色“{name}”不存在，可用“flask roles list”查看现有角色。"
    ),
    "User '{email}' does not exist. See 'flask users list' for those that do.": (
        "用户“{email}”不存在，可用“flask users list”查看现有用户。"
    ),
    # roles and permissions
    "Role created": "角色已创建",
    "Role updated": "角色已更新",
    "Role deleted": "角色已删除",
    "Permissions updated": "权限已更新",
    "Role not found.": "角色不存在。",
    "There is no such role.": "该角色不存在。",
    "System roles cannot be renamed.": "系统角色不能重命名。",
    "System roles cannot be deleted.": "系统角色不能删除。",
    "This role is in use. Give its users another role first.": (
        "该角色正在使用中，请先为相关用户更换角色。"
    ),
    "The super administrator role cannot be changed.": "超级管理员角色不能修改。",
    "This role grants permissions that you do not have.": "该角色包含您没有的权限，您无法进行此操作。",
    "You cannot change your own role.": "不能修改自己所属的角色。",
    "You cannot grant the permission {permission}, because you do not have it.": (
        "您没有 {permission} 权限，因此无法授予他人。"
    ),
    "This name is already taken.": "该名称已被占用。",
    "Use 2 to 50 lower-case letters, digits or underscores, a letter first.": (
        "请使用 2 到 50 个小写字母、数字或下划线，并以字母开头。"
    ),
    "Enter a permission, like documents:view.": "请输入权限，例如 documents:view。",
    "Your role has changed": "您的角色已变更",
    "Your role is now “{role}”.": "您现在的角色是“{role}”。",
    "Your permissions have changed": "您的权限已变更",
    "The permissions of your role “{role}” have changed.": "您的角色“{role}”的权限已变更。",
    # teams
    "Team": "团队",
    "teams": "团队",
    "Team created": "团队已创建",
    "Team updated": "团队已更新",
    "Team deleted": "团队已删除",
    "Member added": "成员已添加",
    "Member updated": "成员已更新",
    "Member removed": "成员已移除",
    "Member not found.": "成员不存在。",
    "This user is already a member.": "该用户已是团队成员。",
    "There are no such teams: {ids}.": "以下团队不存在：{ids}。",
    "A team needs an owner. Make another member the owner first.": (
        "团队必须有所有者，请先将其他成员设为所有者。"
    ),
    "Only the owner of a team can delete it.": "只有团队所有者可以删除团队。",
    "Only the owner of a team can make another member the owner.": (
        "只有团队所有者可以将其他成员设为所有者。"
    ),
    "Only the owner and the administrators of a team can manage it.": (
        "只有团队所有者和管理员可以管理团队。"
    ),
    "You were added to a team": "您已加入团队",
    "{name} added you to “{team}”.": "{name} 将您加入了团队“{team}”。",
    # sharing
    "Enter a time in the future.": "请输入将来的时间。",
    "Choose at least one user or team.": "请至少选择一个用户或团队。",
    "Choose at least one user or team, or send public.": (
        "请至少选择一个用户或团队，或设置 public。"
    ),
    "Only a public link can have a password.": "只有公开链接可以设置密码。",
    "Share not found.": "共享不存在。",
    "A document was shared with you": "有文档共享给您",
    "A file was shared with you": "有文件共享给您",
    "A folder was shared with you": "有文件夹共享给您",
    "{name} shared “{thing}” with you.": "{name} 与您共享了“{thing}”。",
    # documents
    "Document": "文档",
    "documents": "文档",
    "Document created": "文档已创建",
    "Document updated": "文档已更新",
    "Document deleted": "文档已删除",
    "Documents deleted": "文档已删除",
    "Document renamed": "文档已重命名",
    "Document moved": "文档已移动",
    "Document shared": "文档已共享",
    "Document unshared": "已取消共享文档",
    "Tags updated": "标签已更新",
    "Version restored": "版本已恢复",
    "Version not found.": "版本不存在。",
    # files and folders
    "File": "文件",
    "files": "文件",
    "File uploaded": "文件已上传",
    "File updated": "文件已更新",
    "File renamed": "文件已重命名",
    "File moved": "文件已移动",
    "File copied": "文件已复制",
    "File deleted": "文件已删除",
    "Files deleted": "文件已删除",
    "File shared": "文件已共享",
    "Share revoked": "共享已撤销",
    "Favorite updated": "收藏已更新",
    "Folder": "文件夹",
    "folders": "文件夹",
    "Folder created": "文件夹已创建",
    "Folder updated": "文件夹已更新",
    "Folder deleted": "文件夹已删除",
    "Choose a file.": "请选择文件。",
    "The file needs a name.": "文件名不能为空。",
    "The name may have at most {max} characters.": "名称最多 {max} 个字符。",
    "Use a name without slashes and backslashes that is not “.” or “..”.": (
        "名称不能包含斜杠或反斜杠，也不能是“.”或“..”。"
    ),
    "Remove the characters that change the direction.": "请删除改变文字方向的字符。",
    "There is already a “{name}” in this folder.": "此文件夹中已有“{name}”。",
    "The path would have more than {max} characters.": "路径不能超过 {max} 个字符。",
    "Folders can be at most {max} levels deep.": "文件夹最多可嵌套 {max} 层。",
    "There is no such folder.": "文件夹不存在。",
    "Send folderId or path.": "请提供 folderId 或 path。",
    "You may view this folder, but not change it.": "您只能查看此文件夹，不能修改。",
    "Its owner was deleted. To change it, copy it first.": "其所有者已被删除，如需修改请先复制。",
    "It cannot be moved to another owner. Copy it instead.": "不能移动到其他所有者名下，请改用复制。",
    "A folder cannot be put into itself or into a folder within it.": (
        "不能将文件夹移动或复制到它自身或其子文件夹中。"
    ),
    "A folder with more than {max} files and folders is too large to copy.": (
        "文件夹中的内容超过 {max} 项，无法复制。"
    ),
    "The folder “{name}” is not empty. To delete all, send recursive=true.": (
        "文件夹“{name}”不为空。如需全部删除，请设置 recursive=true。"
    ),
    "A file may have at most {size}.": "文件大小不能超过 {size}。",
    "There is not enough storage space left. Delete some files first.": (
        "存储空间不足，请先删除一些文件。"
    ),
    "This file has no thumbnail.": "该文件没有缩略图。",
    "A folder cannot be shared by a link.": "文件夹不能通过链接共享。",
    "A file can have at most {max} links. Revoke one first.": (
        "每个文件最多可有 {max} 个链接，请先撤销一个。"
    ),
    "This link does not exist or has expired.": "链接不存在或已过期。",
    "This link is not valid any more. Ask for a new one.": "链接已失效，请重新获取。",
    "This link needs a password. Send it as X-Share-Password.": (
        "此链接需要密码，请通过 X-Share-Password 提供。"
    ),
    "The password for this link is wrong.": "链接密码错误。",
    "Use 4 to 128 letters, digits or punctuation marks of ASCII, without spaces.": (
        "请使用 4 到 128 个 ASCII 字母、数字或标点符号，不含空格。"
    ),
    # calendar
    "Event": "日程",
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
    "All day: {when}": "全天：{when}",
    "Begins: {when}": "开始时间：{when}",
    "{what}, {where}": "{what}，{where}",
    "{first} to {last}": "{first} 至 {last}",
    # messages
    "Message sent": "消息已发送",
    "Message read": "消息已读",
    "All messages read": "全部消息已读",
    "Message deleted": "消息已删除",
    "Message not found.": "消息不存在。",
    "Conversation opened": "会话已打开",
    "Conversation read": "会话已读",
    "Conversation left": "已退出会话",
    "Participants added": "成员已添加",
    "Conversation not found.": "会话不存在。",
    "There is no such conversation.": "该会话不存在。",
    "There is nobody else in this conversation.": "该会话中没有其他人。",
    "A private conversation is between two people. Start a group instead.": (
        "私聊只能有两个人，请改为发起群聊。"
    ),
    "A conversation can have at most {max} people.": "一个会话最多可有 {max} 人。",
    "Choose somebody other than yourself.": "请选择自己以外的用户。",
    "Send one of recipientId, recipientIds and conversationId.": (
        "请提供 recipientId、recipientIds 和 conversationId 中的一项。"
    ),
    "New message from {name}": "来自 {name} 的新消息",
    "Sent an image": "发来一张图片",
    "Sent a file": "发来一个文件",
    "Deleted user": "已注销用户",
    "Nobody else": "没有其他成员",
    # notifications
    "Notification sent": "通知已发送",
    "Notification read": "通知已读",
    "Notifications read": "通知已全部标为已读",
    "Notification deleted": "通知已删除",
    "Notification not found.": "通知不存在。",
    "Send one of userIds, role and all.": "请提供 userIds、role 和 all 中的一项。",
    # orders and products
    "Order": "订单",
    "orders": "订单",
    "Order created": "订单已创建",
    "Order updated": "订单已更新",
    "Order deleted": "订单已删除",
    "Enter the items or the amount.": "请填写商品明细或金额。",
    "Choose a product, or enter a name and a price.": "请选择商品，或填写名称和价格。",
    "There are no such products: {ids}.": "以下商品不存在：{ids}。",
    "The items come to more than {max}.": "商品总额不能超过 {max}。",
    "An order that is {before} cannot become {after}.": "订单不能从“{before}”变更为“{after}”。",
    "The amount of an order that is {status} cannot change.": (
        "订单状态为“{status}”，金额不能再修改。"
    ),
    "pending": "待支付",
    "paid": "已支付",
    "shipped": "已发货",
    "cancelled": "已取消",
    "Product": "商品",
    "products": "商品",
    "Product created": "商品已创建",
    "Product updated": "商品已更新",
    "Product deleted": "商品已删除",
    # settings
    "Settings updated": "设置已更新",
}
