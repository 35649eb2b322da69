"""About people: signing in, users, roles, teams, sharing."""

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
    "If the address is waiting for confirmation, a mail is on its way": (
        "如果该邮箱等待验证，邮件将很快送达"
    ),
    "Password set, please sign in": "密码已设置，请登录",
    "Password changed": "密码已修改",
    "Registration is closed. Ask an administrator for an account.": (
        "暂未开放注册，请联系管理员开通账号。"
    ),
    "The email or the password is wrong.": "邮箱或密码错误。",
    "Please confirm your email address with the link that we have sent you.": (
        "请先通过邮件中的链接验证您的邮箱。"
    ),
    "This is not your current password.": "当前密码不正确。",
    "This link has been used or has expired. Request a new one.": (
        "链接已使用或已过期，请重新获取。"
    ),
    "Too many failed sign-ins. Try again in {time}.": "登录失败次数过多，请在 {time}后重试。",
    "Too many wrong passwords. Try again in {time}.": "密码错误次数过多，请在 {time}后重试。",
    "Too many mails have been requested. Try again in {time}.": (
        "邮件请求过于频繁，请在 {time}后重试。"
    ),
    "Too many accounts have been registered from your network. Try again in {time}.": (
        "当前网络注册的账号过多，请在 {time}后重试。"
    ),
    "Session ended": "会话已结束",
    "Session not found.": "会话不存在。",
    "A sign-in was ended": "您的一处登录已被强制下线",
    "An old token of it was used again. If you do not know why, change your password.": (
        "该登录的旧令牌被再次使用。如果您不清楚原因，请修改密码。"
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
    "You cannot change this user, who has permissions that you do not have.": "该用户拥有您没有的权限，您不能修改。",
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
    "You cannot change this role, which grants permissions that you do not have.": "该角色包含您没有的权限，您不能修改。",
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
    "A document was shared with you": "您收到一份共享文档",
    "A file was shared with you": "您收到一个共享文件",
    "A folder was shared with you": "您收到一个共享文件夹",
    "{name} shared “{thing}” with you.": "{name} 与您共享了“{thing}”。",
}
