"""The mails: their subjects and texts."""

TEXTS = {
    "You already have an account": "您已有账号",
    """Hello {name},

Somebody, probably you, tried to register at HaloLight with this address. You already have an
account: sign in with it, or set a new password with "Forgot password":

{link}

If it was not you, ignore this mail.
""": """{name}，您好：

有人（可能是您本人）尝试使用此邮箱注册 HaloLight。该邮箱已有账号，请直接登录，或通过“忘记密码”重设密码：

{link}

如果不是您本人操作，请忽略此邮件。
""",
    "Set a new password": "重设密码",
    """Hello {name},

Somebody, probably you, asked to set a new password for your HaloLight account.
You can do so with this link, once, within the next 30 minutes:

{link}

If it was not you, ignore this mail: your password stays as it is.
""": """{name}，您好：

有人（可能是您本人）申请重设您的 HaloLight 账号密码。
请在 30 分钟内打开以下链接设置新密码，链接仅可使用一次：

{link}

如果不是您本人操作，请忽略此邮件，您的密码不会改变。
""",
    "Welcome to HaloLight": "欢迎使用 HaloLight",
    """Hello {name},

An account at HaloLight was created for you. Your username is {username}.
Choose a password with this link, within one day:

{link}
""": """{name}，您好：

已为您创建 HaloLight 账号，用户名为 {username}。
请在一天内打开以下链接设置密码：

{link}
""",
    "Confirm your email address": "请验证您的邮箱",
    """Hello {name},

Somebody, probably you, uses this address for a HaloLight account. The username is {username}.
Confirm the address with this link, within one day:

{link}

If it was not you, ignore this mail.
""": """{name}，您好：

有人（可能是您本人）将此邮箱用于 HaloLight 账号，用户名为 {username}。
请在一天内打开以下链接验证邮箱：

{link}

如果不是您本人操作，请忽略此邮件。
""",
    "Your password was changed": "您的密码已修改",
    """Hello {name},

The password of your HaloLight account was changed.

If it was neither you nor an administrator, set another one with "Forgot password" at once:

{link}
""": """{name}，您好：

您的 HaloLight 账号密码已修改。

如果不是您本人或管理员操作，请立即通过“忘记密码”重设密码：

{link}
""",
    "Your account was changed": "您的账号信息已变更",
    """Hello {name},

The mail address or the username of your HaloLight account was changed.

If you did not expect that, ask an administrator.
""": """{name}，您好：

您的 HaloLight 账号的邮箱或用户名已变更。

如果您对此不知情，请联系管理员。
""",
    "A sign-in was ended for your safety": "为保护您的账号，一处登录已被强制下线",
    """Hello {name},

Somebody used an old token of one of your sign-ins at HaloLight. It may have been stolen, so that
sign-in was ended. Your other sign-ins go on.

If you do not know why this happened, sign in and change your password:

{link}
""": """{name}，您好：

我们发现有人使用您某次登录的旧令牌访问 HaloLight。该令牌可能已被盗用，因此这次登录已被强制下线，其他登录不受影响。

如果您不清楚原因，请登录并修改密码：

{link}
""",
}
