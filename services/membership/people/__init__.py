"""What a person is: their record, how it is written, which states follow which. Who keeps it stands in `directory`."""
