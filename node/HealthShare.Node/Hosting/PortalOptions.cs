using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>The web portal (section <c>HealthShare:Portal</c>).</summary>
public sealed class PortalOptions
{
    /// <summary>
    /// Folder with the portal's built files, relative ones beside the program. Where it has no <c>index.html</c> the node serves its API
    /// alone. Default <c>portal</c>.
    /// </summary>
    [Required]
    public string Folder { get; set; } = "portal";

    /// <summary>The folder with its whole path.</summary>
    public string FindFolder() => Path.GetFullPath(Folder, AppContext.BaseDirectory);

    /// <summary>True where the portal was built: its page is there.</summary>
    public bool HasPage() => File.Exists(Path.Combine(FindFolder(), PortalFiles.Page));
}

[OptionsValidator]
internal sealed partial class PortalOptionsValidator : IValidateOptions<PortalOptions>;
