// answers: the ids of all Enterprise nodes that are or were ours
// mode: read
// params: 
MATCH (n:Enterprise) WHERE n.dayan IS NOT NULL
RETURN n.id AS id, n.dayan AS ours
