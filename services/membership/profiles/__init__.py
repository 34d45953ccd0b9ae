"""What a person sees and changes of themselves."""
