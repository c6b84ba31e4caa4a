"""What the machine has and keeps: its cores, its time, and files that could be made anew."""
