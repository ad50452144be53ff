namespace HealthShare.Node.Intake;

/// <summary>How far a message has come. Each state is durable before the next step begins.</summary>
public enum IntakeState
{
    /// <summary>In the journal; acknowledged.</summary>
    Received,

    /// <summary>Its patient is known and on the ledger, and its meaning determined.</summary>
    Parsed,

    /// <summary>Sealed under a key of its own, which is kept, and its ciphertext lies in the content store: one durable step.</summary>
    Stored,

    /// <summary>It is on the ledger; the journal has let go of its content.</summary>
    Registered,

    /// <summary>It cannot become a record; kept whole, with the reason, for the hospital's staff.</summary>
    Quarantined,

    /// <summary>Staff took it out of quarantine for good; its content is gone, what was done stays known for a while.</summary>
    Discarded,
}
