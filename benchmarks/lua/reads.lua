-- Requests one path after another. Arguments after the tokens: the paths.
require("accounts")
local sign_in = init

function init(args)
  sign_in(args)
  paths = {}
  for i = 2, #args do paths[i - 1] = args[i] end
  number = 0
end

function request()
  number = number % #paths + 1
  return wrk.format("GET", paths[number])
end
