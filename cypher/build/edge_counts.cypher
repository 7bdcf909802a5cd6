// answers: how many edges of ours there are, by kind
// mode: read
// params: 
MATCH ()-[e]->() WHERE e.dayan = true
RETURN type(e) AS kind, count(*) AS count
ORDER BY kind
