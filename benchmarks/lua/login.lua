-- Signs in one account after another. Arguments: the password of all, how many accounts.
function init(args)
  password, accounts = args[1], tonumber(args[2])
  number = 0
end

function request()
  number = number % accounts + 1
  local body = string.format(
    '{"email": "person%d@example.com", "password": "%s"}', number, password)
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end
