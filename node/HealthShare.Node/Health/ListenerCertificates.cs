using System.Security.Cryptography.X509Certificates;
using HealthShare.Node.Hosting;
using HealthShare.Node.Intake.Receiving;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Health;

/// <summary>When the certificates end that this node shows to who connects. Read at the first look: a renewed file counts from the next start.</summary>
internal sealed class ListenerCertificates(IOptions<HttpOptions> http, IOptions<MllpOptions> mllp)
{
    // A file that cannot be read this very moment is read at the next look.
    private readonly Lazy<IReadOnlyList<(string Name, DateTimeOffset NotAfter)>> all = new(() => Read(http.Value, mllp.Value), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Each listener that speaks TLS, with the earliest end of its chain.</summary>
    public IReadOnlyList<(string Name, DateTimeOffset NotAfter)> All => all.Value;

    private static List<(string Name, DateTimeOffset NotAfter)> Read(HttpOptions http, MllpOptions mllp)
    {
        var found = new List<(string Name, DateTimeOffset NotAfter)>();
        if (http.Url.Scheme == Uri.UriSchemeHttps && http.CertificateFile is { } pages)
            found.Add(("certificate of the pages and the API", EndOf(pages)));
        if (mllp is { Port: not null, CertificateFile: { } intake })
            found.Add(("certificate of the MLLP listener", EndOf(intake)));
        return found;
    }

    private static DateTimeOffset EndOf(string file)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file);
        var end = chain.Min(certificate => certificate.NotAfter);
        foreach (var certificate in chain)
            certificate.Dispose();
        return end;
    }
}
