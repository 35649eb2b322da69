-- Each thread sends the requests of one account. First argument: their tokens, separated by commas.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("account", threads)
end

function init(args)
  local tokens = {}
  for token in string.gmatch(args[1] or "", "[^,]+") do tokens[#tokens + 1] = token end
  if tokens[account] then wrk.headers["Authorization"] = "Bearer " .. tokens[account] end
end
