"""What the API says whatever the module: failures, validation, limits."""

TEXTS = {
    # Every answer
    "Operation successful": "操作成功",
    "Something went wrong. Please try again later.": "服务器出错了，请稍后重试。",
    "The service is unavailable at the moment. Please try again shortly.": (
        "服务暂时不可用，请稍后重试。"
    ),
    "Please sign in.": "请先登录。",
    "You do not have permission to do this.": "您没有权限执行此操作。",
    "You need the permission {permission} for this.": "此操作需要 {permission} 权限。",
    "This does not exist.": "内容不存在。",
    "This URL does not exist.": "该地址不存在。",
    "This URL does not support this method.": "该地址不支持此请求方法。",
    "Somebody else changed this at the same time. Reload it and try again.": (
        "其他人同时修改了此内容，请刷新后重试。"
    ),
    "This has changed since you opened it. Reload it and try again.": (
        "此内容在您打开后已被修改，请刷新后重试。"
    ),
    "This Idempotency-Key has been used for another request. Use a new one.": (
        "该 Idempotency-Key 已用于其他请求，请换一个。"
    ),
    "This request has already succeeded, but its response was too large to store.": (
        "该请求此前已成功，但响应过大，未能保留。"
    ),
    "Send 1 to 255 printable ASCII characters.": "请使用 1 到 255 个可打印的 ASCII 字符。",
    "This origin is not allowed.": "该来源的页面无权读取。",
    "Ticket created": "票据已创建",
    # Requests that cannot be read
    "Please check your input.": "请检查提交的内容。",
    "Please check the field {field}.": "请检查字段 {field}。",
    "Please check these fields: {fields}.": "请检查以下字段：{fields}。",
    "Please check these fields: {fields}, …": "请检查以下字段：{fields} 等。",
    "One of the values is out of range.": "有数值超出范围。",
    "The request cannot be read.": "无法解析请求。",
    "The request cannot be read: {cause}": "无法解析请求：{cause}",
    "The request did not arrive in time. Please try again.": "请求超时，请重试。",
    "The request has no body.": "请求缺少正文。",
    "The request is too large.": "请求内容过大。",
    "The request can have at most {size}.": "请求内容不能超过 {size}。",
    "The body is not valid JSON: {cause}": "请求正文不是有效的 JSON：{cause}",
    "The content type of the request is not supported.": "不支持该请求的内容类型。",
    "Send JSON, with Content-Type: application/json.": (
        "请发送 JSON，并将 Content-Type 设为 application/json。"
    ),
    "Send a form, with Content-Type: multipart/form-data.": (
        "请发送表单，并将 Content-Type 设为 multipart/form-data。"
    ),
    "Send the body without Content-Encoding.": "请勿使用 Content-Encoding 压缩请求正文。",
    "The form cannot be read.": "无法解析表单。",
    "A request that is signed in by a cookie must come from the pages of this site.": (
        "使用 Cookie 登录的请求必须来自本站页面。"
    ),
    "Set METRICS_TOKEN to read the metrics from another machine.": (
        "如需从其他机器读取指标，请设置 METRICS_TOKEN。"
    ),
    ", ": "、",
    # Limits
    "Too many requests. Try again in {time}.": "请求过于频繁，请在 {time}后重试。",
    "{count} seconds": "{count} 秒",
    "{count} minutes": "{count} 分钟",
    "{count} hours": "{count} 小时",
    "{count} bytes": "{count} 字节",
    # What a field takes
    "This field is required.": "此项为必填项。",
    "This field must not be null.": "此项不能为 null。",
    "This must not be empty.": "此项不能为空。",
    "This value is not valid.": "此项的值无效。",
    "Enter text.": "请输入文本。",
    "Enter at least {min} characters.": "请至少输入 {min} 个字符。",
    "Enter at most {max:,} characters.": "最多可输入 {max:,} 个字符。",
    "Enter one line, without control characters.": "请输入单行文本，且不要包含控制字符。",
    "Remove the NUL character from this text.": "请删除文本中的 NUL 字符。",
    "Use at most {max} combining marks in a row.": "连续的组合符号不能超过 {max} 个。",
    "Enter a number.": "请输入数字。",
    "Enter a whole number.": "请输入整数。",
    "Enter a number from {min:,} to {max:,}.": "请输入 {min:,} 到 {max:,} 之间的数字。",
    "Enter a number of at least {min:,}.": "请输入不小于 {min:,} 的数字。",
    "Enter a number of at most {max:,}.": "请输入不大于 {max:,} 的数字。",
    "This number is too large.": "数字过大。",
    "Enter an amount from 0 to {max:,}.": "请输入 0 到 {max:,} 之间的金额。",
    "Enter an amount with at most two decimal places.": "金额最多保留两位小数。",
    "Enter true or false.": "请输入 true 或 false。",
    "Choose one of these: {choices}.": "请从以下选项中选择：{choices}。",
    "Choose at most {max} entries.": "最多可选择 {max} 项。",
    "Send a list.": "此项应为列表。",
    "Send an object.": "此项应为 JSON 对象。",
    "Enter a time, like 2026-01-31T09:30:00Z.": "请输入时间，例如 2026-01-31T09:30:00Z。",
    "Enter a date, like 2026-01-31.": "请输入日期，例如 2026-01-31。",
    "Enter a time zone, like Europe/Berlin.": "请输入时区，例如 Asia/Shanghai。",
    "Enter an email address, like name@example.com.": (
        "请输入有效的邮箱地址，例如 name@example.com。"
    ),
    "Enter an http(s) URL, or a path like /documents/5.": (
        "请输入以 http(s) 开头的网址，或类似 /documents/5 的路径。"
    ),
    "Enter a color, like #3b82f6 or red.": "请输入颜色，例如 #3b82f6 或 red。",
    "This password is too easy to guess. Choose another one.": "密码过于简单，请换一个密码。",
    # Things that somebody owns
    "{noun} not found.": "{noun}不存在。",
    "These {nouns} were not found: {ids}.": "以下{nouns}不存在：{ids}。",
    "You may view this, but not change it.": "您只能查看，不能修改。",
    "You can have at most {most:,} {nouns}. Delete some first.": (
        "您最多可拥有 {most:,} 个{nouns}，请先删除一部分。"
    ),
    # Uploads
    "Send one file at a time.": "每次只能上传一个文件。",
    "This URL does not accept files.": "该地址不接受文件上传。",
    "The upload has taken too long. Please try again.": "上传超时，请重试。",
    "This file is too large when it is decompressed.": "文件解压后过大，无法上传。",
    "The requested range is outside the file.": "请求的文件范围无效。",
}
