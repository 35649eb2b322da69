-- Requests one path after another. Arguments: the paths.
function init(args)
  paths = {}
  for i = 1, #args do paths[i] = args[i] end
  number = 0
end

function request()
  number = number % #paths + 1
  return wrk.format("GET", paths[number])
end
