// Package roster reads the people of a school out of a file: the zip of
// OneRoster 1.1 or 1.2 CSV files (bulk or delta), or one simple CSV
// (name,email,role,team).
//
// Bytes in, a [Set] out; no database. Pupils, guardians and other roles without
// a part in visits are left out and counted, and nothing of them is kept.
// Passwords, telephone numbers and identifiers in the file are never looked at.
// What is odd is named with file, physical line (the header is 1) and reason,
// and the rest is taken:
//
//	the row is left out       blank or doubled id, blank name, unknown role or
//	                          status, an organisation that is not there, a row
//	                          that can't be parsed, an enrolment that contradicts
//	                          the role of its user
//	the row is taken as it is an organisation that is not a school while its school
//	                          is not in the file: it stands in for the school;
//	                          a blank status beside filled ones; a broken e-mail
//	                          address (left away); a reference to nothing in a
//	                          file that says nothing about people
//
// Who is what, by the role vocabularies of OneRoster 1.1 (4.13.6) and 1.2
// (RoleEnum): teacher teaches; principal leads; administrator,
// districtAdministrator, siteAdministrator and systemAdministrator keep the
// roster. aide, counselor and proctor are no teachers and are left out by name;
// student, parent, guardian and relative without one.
package roster
