namespace HealthShare.Policy.Ids;

/// <summary>What an id names; the kind is its prefix.</summary>
public enum IdKind
{
    /// <summary>A patient: <c>pt-</c>.</summary>
    Patient,

    /// <summary>A record: <c>rc-</c>.</summary>
    Record,

    /// <summary>A statement: <c>st-</c>.</summary>
    Statement,

    /// <summary>An access request: <c>ac-</c>.</summary>
    Access,

    /// <summary>A release of keys: <c>rl-</c>.</summary>
    Release,

    /// <summary>A person who signs for a patient: <c>dg-</c>.</summary>
    Delegate,

    /// <summary>An emergency session: <c>em-</c>.</summary>
    Emergency,

    /// <summary>A proposal about the members or settings of the channel: <c>pp-</c>.</summary>
    Proposal,
}
