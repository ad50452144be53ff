namespace HealthShare.Node.Intake.Journal;

/// <summary>States as the journal and the API write them.</summary>
internal static class StateName
{
    public static string Of(IntakeState state) => state switch
    {
        IntakeState.Received => "received",
        IntakeState.Parsed => "parsed",
        IntakeState.Stored => "stored",
        IntakeState.Registered => "registered",
        IntakeState.Quarantined => "quarantined",
        IntakeState.Discarded => "discarded",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Unknown state."),
    };

    public static bool TryRead(string name, out IntakeState state)
    {
        foreach (var known in Enum.GetValues<IntakeState>())
        {
            state = known;
            if (Of(known) == name)
                return true;
        }
        state = default;
        return false;
    }

    public static IntakeState Read(string name) =>
        TryRead(name, out var state) ? state : throw new InvalidOperationException($"The journal holds the unknown state '{name}'.");
}
