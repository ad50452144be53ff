namespace HealthShare.Node.Intake.Pipeline;

/// <summary>What one turn of a stage came to.</summary>
internal enum Turn
{
    /// <summary>Nothing was due.</summary>
    Idle,

    /// <summary>Something moved, so that there may be more to do at once.</summary>
    Moved,

    /// <summary>Nothing moved, for a reason that holds for whatever else is due: what the stage needs is away.</summary>
    Held,
}

/// <summary>One step of the pipeline, from one state to the next.</summary>
internal interface IIntakeStage
{
    /// <summary>The state that it takes messages from.</summary>
    IntakeState From { get; }

    /// <summary>Takes what is due through the step, a bounded number.</summary>
    /// <exception cref="System.Data.Common.DbException">The database is away.</exception>
    Task<Turn> RunOnceAsync(CancellationToken ct);
}
