// answers: creates Segment nodes that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
CREATE (n:Segment {id: r[0], name: r[1], name_en: r[2], tier: r[3], role: r[4], dayan: true})
RETURN count(*) AS written
