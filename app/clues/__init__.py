"""What is handed out: profiles, pictures, evidence, exports, and the state of the stores."""
