// answers: one shortest path of supply between two enterprises, observed links, hubs and others' edges included, at most eight links
// mode: read
// params: start, goal
MATCH (a:Enterprise {id: $start}), (b:Enterprise {id: $goal})
MATCH p = shortestPath((a)-[:SUPPLIES*..8]->(b))
WHERE all(r IN relationships(p) WHERE r.basis = 'observed')
RETURN [n IN nodes(p) | n.id] AS ids, [n IN nodes(p) | n.name] AS names, length(p) AS links
