-- Changes title and text of documents in random order. Argument after the tokens: how many there are.
require("accounts")
local sign_in = init

function init(args)
  sign_in(args)
  size = tonumber(args[2])
  number = 0
  -- A new text each time, in each run: an update that changes nothing would be cheaper.
  math.randomseed(os.time())
  run = os.time()
end

function request()
  number = number + 1
  local path = string.format("%s/%d", wrk.path, math.random(size))
  local body = string.format('{"title": "Change %d", "content": "Text %d of %d"}', number, number, run)
  return wrk.format("PUT", path, nil, body)
end
