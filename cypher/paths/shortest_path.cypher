// answers: one shortest path of supply between two enterprises, hubs and others' edges included, at most eight links
// mode: read
// params: start, goal
MATCH (a:Enterprise {id: $start}), (b:Enterprise {id: $goal})
MATCH p = shortestPath((a)-[:SUPPLIES*..8]->(b))
RETURN [n IN nodes(p) | n.id] AS ids, [n IN nodes(p) | n.name] AS names, length(p) AS links
