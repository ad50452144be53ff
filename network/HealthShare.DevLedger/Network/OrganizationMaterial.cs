using System.Security.Cryptography.X509Certificates;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Network;

/// <summary>Keys and certificates of one organization, kept in a folder of the state directory.</summary>
internal sealed class OrganizationMaterial
{
    /// <summary>Name of the user that administers the organization.</summary>
    public const string Administrator = "Admin";

    private readonly TimeProvider time;

    private OrganizationMaterial(string mspId, string domain, string folder, string node, TimeProvider time)
    {
        (MspId, Domain, Folder, this.time) = (mspId, domain, folder, time);
        NodeName = $"{node}.{domain}";
    }

    public string MspId { get; }

    public string Domain { get; }

    public string Folder { get; }

    /// <summary>Host name of the peer or orderer, such as <c>peer0.north.example</c>.</summary>
    public string NodeName { get; }

    public string CaFolder => Path.Combine(Folder, "ca");

    public string TlsCaFolder => Path.Combine(Folder, "tlsca");

    public PemPair Ca => PemPair.Load(CaFolder);

    public PemPair TlsCa => PemPair.Load(TlsCaFolder);

    public PemPair Tls => PemPair.Load(Path.Combine(Folder, "tls"));

    /// <summary>Names of the users, sorted.</summary>
    public IEnumerable<string> Users => Directory.EnumerateDirectories(Path.Combine(Folder, "users"))
        .Where(PemPair.ExistsIn).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    public string UserFolder(string name) => Path.Combine(Folder, "users", name);

    /// <summary>The peer's or orderer's signing identity.</summary>
    public SigningIdentity Node => Load(Path.Combine(Folder, "node"));

    /// <summary>A user's signing identity.</summary>
    public SigningIdentity User(string name) => Load(UserFolder(name));

    /// <summary>Opens the material of an organization, making it where there is none.</summary>
    /// <param name="mspId">MSP id.</param>
    /// <param name="domain">Domain of the organization's hosts.</param>
    /// <param name="folder">Folder of this organization.</param>
    /// <param name="unit">Node OU of its host: peer or orderer.</param>
    /// <param name="node">First part of the host's name.</param>
    /// <param name="users">Users to have besides Admin.</param>
    /// <param name="time">Clock of the certificates' validity.</param>
    public static OrganizationMaterial Open(
        string mspId, string domain, string folder, string unit, string node, IEnumerable<string> users, TimeProvider time)
    {
        var material = new OrganizationMaterial(mspId, domain, folder, node, time);
        if (Directory.Exists(folder))
            return material;
        // Made aside and moved as a whole, so that a start that was cut short leaves nothing half made.
        var draft = new OrganizationMaterial(mspId, domain, folder + ".new", node, time);
        if (Directory.Exists(draft.Folder))
            Directory.Delete(draft.Folder, recursive: true);
        draft.Make(unit, users);
        Directory.Move(draft.Folder, folder);
        FolderSync.Flush(Path.GetDirectoryName(folder)!);
        return material;
    }

    /// <summary>Issues a user with Fabric attributes, unless there is one of that name with the same attributes.</summary>
    public void IssueUser(string name, string unit, IReadOnlyDictionary<string, string>? attributes)
    {
        if (PemPair.ExistsIn(UserFolder(name)))
        {
            using var known = X509Certificate2.CreateFromPem(PemPair.Load(UserFolder(name)).Certificate);
            if (CertificateAttributes.Read(known).ToHashSet().SetEquals(attributes ?? new Dictionary<string, string>()))
                return;
        }
        using var ca = CertificateAuthority.Load(Ca);
        ca.IssueIdentity(unit, $"{name}@{Domain}", time.GetUtcNow(), attributes).Save(UserFolder(name));
    }

    private void Make(string unit, IEnumerable<string> users)
    {
        var now = time.GetUtcNow();
        using var ca = CertificateAuthority.Create(Domain, $"ca.{Domain}", now);
        using var tlsCa = CertificateAuthority.Create(Domain, $"tlsca.{Domain}", now);
        List<(PemPair Pair, string Folder)> made =
        [
            (ca.Pem, CaFolder),
            (tlsCa.Pem, TlsCaFolder),
            (ca.IssueIdentity(unit, NodeName, now), Path.Combine(Folder, "node")),
            (tlsCa.IssueTls(NodeName, now), Path.Combine(Folder, "tls")),
            (ca.IssueIdentity("admin", $"{Administrator}@{Domain}", now), UserFolder(Administrator)),
            .. users.Select(user => (ca.IssueIdentity("client", $"{user}@{Domain}", now), UserFolder(user))),
        ];
        Parallel.ForEach(made, pair => pair.Pair.Save(pair.Folder)); // at once, because each waits for the disk
        FolderSync.Flush(Path.Combine(Folder, "users"));
        FolderSync.Flush(Folder);
    }

    private SigningIdentity Load(string folder) =>
        SigningIdentity.FromPemFiles(MspId, PemPair.CertificateFile(folder), PemPair.KeyFile(folder));
}
