"""About what people work with: documents, files, messages, orders."""

TEXTS = {
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
    "The name can have at most {max} characters.": "名称最多 {max} 个字符。",
    "Use a name without slashes or backslashes, other than “.” and “..”.": (
        "名称不能包含斜杠或反斜杠，也不能是“.”或“..”。"
    ),
    "Remove the characters that change the text direction.": "请删除改变文字方向的字符。",
    "There is already a “{name}” in this folder.": "此文件夹中已有“{name}”。",
    "The path would have more than {max} characters.": "路径不能超过 {max} 个字符。",
    "Folders can be at most {max} levels deep.": "文件夹最多可嵌套 {max} 层。",
    "There is no such folder.": "文件夹不存在。",
    "Send folderId or path.": "请提供 folderId 或 path。",
    "You may view this folder, but not change it.": "您只能查看此文件夹，不能修改。",
    "The owner of this was deleted. To change it, copy it first.": "其所有者已被删除，如需修改请先复制。",
    "This cannot be moved to another owner. Copy it instead.": "不能移动到其他所有者名下，请改用复制。",
    "A folder cannot be moved or copied into itself or one of its subfolders.": (
        "不能将文件夹移动或复制到它自身或其子文件夹中。"
    ),
    "A folder with more than {max} files and folders is too large to copy.": (
        "文件夹中的内容超过 {max} 项，无法复制。"
    ),
    "The folder “{name}” is not empty. To delete it anyway, send recursive=true.": (
        "文件夹“{name}”不为空。如需全部删除，请设置 recursive=true。"
    ),
    "A file can have at most {size}.": "文件大小不能超过 {size}。",
    "There is not enough storage space left. Delete some files first.": (
        "存储空间不足，请先删除一些文件。"
    ),
    "This file has no thumbnail.": "该文件没有缩略图。",
    "A folder cannot be shared by a link.": "文件夹不能通过链接共享。",
    "A file can have at most {max} links. Revoke one first.": (
        "每个文件最多可有 {max} 个链接，请先撤销一个。"
    ),
    "This link does not exist or has expired.": "链接不存在或已过期。",
    "This link is no longer valid. Request a new one.": "链接已失效，请重新获取。",
    "This link needs a password. Send it as X-Share-Password.": (
        "此链接需要密码，请通过 X-Share-Password 提供。"
    ),
    "The password for this link is wrong.": "链接密码错误。",
    "Use 4 to 128 letters, digits or punctuation marks of ASCII, without spaces.": (
        "请使用 4 到 128 个 ASCII 字母、数字或标点符号，不含空格。"
    ),
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
    "The total of the items is more than {max:,}.": "商品总额不能超过 {max:,}。",
    "The status of an order cannot change from {before} to {after}.": "订单不能从“{before}”变更为“{after}”。",
    "The amount of an order with the status {status} cannot change.": (
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
