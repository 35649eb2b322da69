-- Signs in one account after another. Arguments after an empty one: the password of all, how many accounts.
function init(args)
  password, accounts = args[2], tonumber(args[3])
  number = 0
end

function request()
  number = number % accounts + 1
  local body = string.format(
    '{"email": "person%d@example.com", "password": "%s"}', number, password)
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end
