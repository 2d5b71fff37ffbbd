package offline

import "undring/tables"

// Tables are the tables of this room. A feed names things, and holds none of them.
var Tables = []tables.Table{{Name: "feed", Codes: "thing", Apart: "names the things that the export holds, and holds none", Gone: "person_id = who"}}
