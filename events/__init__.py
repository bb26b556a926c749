"""What is offered: programs, institutes and their agendas."""
