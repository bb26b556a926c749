"""Pages of certificates: those of the staff, of a district, of a participant, and the check that is anyone's."""
