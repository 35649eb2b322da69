-- Creates documents.
require("accounts")
number = 0

function request()
  number = number + 1
  local body = string.format(
    '{"title": "Minutes %d", "content": "What was said, part %d.", "type": "report", "folder": "Projects"}',
    number, number)
  return wrk.format("POST", nil, nil, body)
end
