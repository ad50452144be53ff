using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>Who this node is (section <c>HealthShare:Node</c>).</summary>
public sealed class NodeOptions
{
    /// <summary>Name for people, such as <c>North Hospital</c>. Default <c>HealthShare node</c>.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public string Name { get; set; } = "HealthShare node";

    /// <summary>MSP id of the member that runs this node, such as <c>NorthMSP</c>. Required.</summary>
    [Required, StringLength(64, MinimumLength = 1)]
    public string MspId { get; set; } = "";

    /// <summary>What that member is. A regulator's node takes no messages in and registers nothing. Default hospital.</summary>
    [EnumDataType(typeof(NodeKind))]
    public NodeKind Kind { get; set; } = NodeKind.Hospital;

    /// <summary>Folder for the embedded database, keys and content; made if absent. Default <c>data</c>.</summary>
    [Required]
    public string DataFolder { get; set; } = "data";
}

/// <summary>The kinds of members.</summary>
public enum NodeKind
{
    /// <summary>Holds records, asks for and releases them.</summary>
    Hospital,

    /// <summary>Watches and audits.</summary>
    Regulator,
}

[OptionsValidator]
internal sealed partial class NodeOptionsValidator : IValidateOptions<NodeOptions>;
