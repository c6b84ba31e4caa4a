"""What the machine has and keeps: its cores, and files that could be made anew."""
