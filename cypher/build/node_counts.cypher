// answers: how many nodes of ours there are, by kind
// mode: read
// params: 
MATCH (n) WHERE n.dayan = true
RETURN labels(n)[0] AS kind, count(*) AS count
ORDER BY kind
