namespace HealthShare.Node.Intake;

/// <summary>One assigning authority that messages call by several names (<c>HealthShare:Intake:Authorities:N</c>).</summary>
public sealed class AuthorityOptions
{
    /// <summary>
    /// What its numbers are kept under: the name in messages (<c>NORTH</c>), or type and universal id (<c>ISO:1.2.3.4</c>). Numbers that the node knows already are found only
    /// under the one of its names that they came with. Required.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>Its other names, OIDs and universal ids as messages write them, such as <c>north</c>, <c>1.2.3.4</c> or <c>ISO:1.2.3.4</c>. At least one.</summary>
    public IList<string> Aliases { get; } = [];
}
