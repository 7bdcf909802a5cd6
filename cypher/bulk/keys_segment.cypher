// answers: the ids of all Segment nodes that are or were ours
// mode: read
// params: 
MATCH (n:Segment) WHERE n.dayan IS NOT NULL
RETURN n.id AS id, n.dayan AS ours
