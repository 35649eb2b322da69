-- Changes title and text of documents in random order. Argument: how many there are.
function init(args)
  size = tonumber(args[1])
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
