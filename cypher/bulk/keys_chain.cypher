// answers: the ids of all Chain nodes that are or were ours
// mode: read
// params: 
MATCH (n:Chain) WHERE n.dayan IS NOT NULL
RETURN n.id AS id, n.dayan AS ours
