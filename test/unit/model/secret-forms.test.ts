import { describe, expect, test } from 'vitest';
import { MASK } from '../../../src/model/secret-name.ts';
import { maskCommand, maskSecrets, withoutSecrets } from '../../../src/model/secrets.ts';
import { cpuTimeMs } from '../../rig/cpu-time.ts';

/** Commands as people write them; `S3cr3t+x` stands for each secret. */
const WITH_SECRET = [
  // Headers
  'curl -H "Authorization: Bearer S3cr3t+x" http://localhost:8000/api',
  "curl --header 'Authorization: Basic S3cr3t+x' localhost:8000",
  'curl -H "Authorization: token S3cr3t+x" https://api.github.com/user',
  'curl -H "X-Api-Key: S3cr3t+x" http://localhost:8000',
  'curl -H X-Api-Key:S3cr3t+x http://localhost:8000',
  'curl -X POST -H "PRIVATE-TOKEN: S3cr3t+x" http://192.168.1.236:8929/api/v4/projects',
  'curl -sH "X-Vault-Token: S3cr3t+x" http://127.0.0.1:8200/v1/sys/health',
  'http :8000/users X-Auth-Token:S3cr3t+x',
  'curl -H "Cookie: sessionid=S3cr3t+x" localhost:8000',
  'wget --header="Authorization: Bearer S3cr3t+x" localhost',
  'got 401 for Bearer S3cr3t+x01',
  // Logins
  'curl -s -u elastic:S3cr3t+x -X GET http://localhost:9200/_cat/indices?v',
  'curl -s -u "admin:S3cr3t+x" "http://127.0.0.1:8080/health"',
  'curl -sSfu admin:S3cr3t+x localhost:9200',
  'curl -u S3cr3t+x: https://api.stripe.com/v1/charges',
  'curl --user admin:S3cr3t+x localhost',
  'curl --proxy-user me:S3cr3t+x localhost',
  'curl -b session=S3cr3t+x localhost',
  'http -a admin:S3cr3t+x :8000',
  'smbclient //host/share -U me%S3cr3t+x',
  'lftp -u me,S3cr3t+x ftp://host',
  'sqlplus scott/S3cr3t+x@//localhost:1521/XE',
  'skopeo copy --src-creds=me:S3cr3t+x docker://a docker://b',
  // Options of one program
  'mysql -h127.0.0.1 -uroot -pS3cr3t+x my_app -e "SELECT 1"',
  'docker exec -it db mysql -u root -pS3cr3t+x database',
  '/usr/bin/mysqladmin -uroot -pS3cr3t+x status',
  "mysqldump -uroot -p'S3cr3t+x' app",
  'mariadb-admin ping -h localhost -pS3cr3t+x',
  'docker exec -it redis redis-cli -a S3cr3t+x KEYS "*"',
  "sh -c 'redis-cli -a S3cr3t+x --no-auth-warning ping'",
  '["CMD", "redis-cli", "-a", "S3cr3t+x", "ping"]',
  '["redis-cli","-a","S3cr3t+x","ping"]',
  'redis-server --appendonly yes --requirepass S3cr3t+x --masterauth S3cr3t+x',
  'sshpass -p S3cr3t+x ssh root@192.168.100.1 uptime',
  "sshpass -p 'S3cr3t+x' ssh -o StrictHostKeyChecking=no pi@host",
  'mongo -u admin -p S3cr3t+x --authenticationDatabase admin',
  'mongosh --username admin --password S3cr3t+x',
  'docker compose exec -T neo4j cypher-shell -u neo4j -p S3cr3t+x "RETURN 1"',
  'docker login -u bitop -p S3cr3t+x registry.example.com',
  'docker exec mssql /opt/mssql-tools/bin/sqlcmd -S localhost -U sa -P S3cr3t+x -Q "SELECT 1"',
  'mosquitto_pub -u test -P S3cr3t+x -t a/b -m 51',
  'ldapsearch -x -D "cn=admin,dc=example" -w S3cr3t+x -b "dc=example"',
  'zip -P S3cr3t+x a.zip a',
  '7z x -pS3cr3t+x a.7z',
  'openssl enc -aes-256-cbc -k S3cr3t+x -P -md sha1',
  'openssl rsa -in key.pem -passin pass:S3cr3t+x -out server.key',
  "ssh-keygen -t ed25519 -N 'S3cr3t+x' -f key",
  'xfreerdp /u:me /p:S3cr3t+x /v:host',
  'rabbitmqctl add_user app S3cr3t+x',
  'mc alias set local http://minio:9000 S3cr3t+x S3cr3t+x',
  'ngrok authtoken S3cr3t+x',
  'vault login S3cr3t+x',
  'htpasswd -bc auth/htpasswd me S3cr3t+x',
  'aws configure set aws_secret_access_key S3cr3t+x',
  'npm config set //registry.npmjs.org/:_authToken S3cr3t+x',
  // Named
  'serve --jwt=S3cr3t+x',
  'serve --pwd S3cr3t+x',
  'serve --pwd=S3cr3t+x',
  'java -DdbPassword=S3cr3t+x -jar app.jar',
  'java -Djavax.net.ssl.keyStorePassword=S3cr3t+x -jar app.jar',
  'java -jar app.jar --spring.datasource.password=S3cr3t+x',
  'msbuild /p:PublishProfile=x /p:Password=S3cr3t+x',
  'keytool -list -keystore a.jks -storepass S3cr3t+x',
  'consul agent -token=S3cr3t+x',
  'tailscale up --authkey=S3cr3t+x',
  'cloudflared tunnel run --token S3cr3t+x',
  'GITHUB_PAT=S3cr3t+x node x.js',
  'MYSQL_PWD=S3cr3t+x mysql',
  'docker run -e POSTGRES_PASSWORD=S3cr3t+x -p 5432:5432 postgres:14',
  'kubectl create secret generic db --from-literal=password=S3cr3t+x',
  'echo //registry.npmjs.org/:_authToken=S3cr3t+x',
  'mount -t cifs -o username=me,password=S3cr3t+x //host/share /mnt',
  'wget --http-passwd=S3cr3t+x --http-user=me localhost',
  'apiKey: S3cr3t+x',
  '{ apiKey: "S3cr3t+x", port: 8000 }',
  'password: S3cr3t+x',
  "{'clientSecret': 'S3cr3t+x'}",
  // Addresses
  'git clone https://S3cr3t+x@github.com/me/app',
  'git clone https://S3cr3t+x:x-oauth-basic@github.com/me/app',
  'https://S3cr3t+x@o0.ingest.sentry.io/1',
  'redis://:S3cr3t+x@localhost:6379/0',
  'mongodb+srv://app:S3cr3t+x@cluster0.example.net/app?retryWrites=true',
  'https://acc.blob.core.windows.net/c/b?sv=2022&sig=S3cr3t+x&se=2030',
  'https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=S3cr3t+x',
  'http://localhost:8888/?token=S3cr3t+x&a=b',
  'app:S3cr3t+x@tcp(localhost:3306)/app?parseTime=true',
  'host=localhost user=postgres password=S3cr3t+x dbname=app port=5432 sslmode=disable',
  'Server=localhost,1433;User Id=sa;Password=S3cr3t+x;Encrypt=false',
  'Server=localhost;Uid=sa;Pwd=S3cr3t+x;',
  'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=S3cr3t+x;',
];

const WITHOUT_SECRET = [
  'ssh -p 2222 www-data@host',
  'docker run -p 8080:80 --name mysql -p 3306:3306 mysql:8',
  'docker run -p8080:80 nginx',
  'docker run --name redis -a stdout redis',
  'docker compose -p app up',
  'serve -p 8080',
  'serve --port 8080 --host=localhost',
  'sudo -u www-data php-fpm',
  'curl -u www-data localhost',
  'curl -b cookies.txt localhost:8000',
  'psql -U postgres -p 5432 -W app',
  'pg_ctl -D data -o "-p 5433" start',
  'mysql -u root -p app',
  'mysql -P 3307 -h 127.0.0.1',
  'mongod --port 27017 --dbpath /data',
  'redis-server --port 6379 --appendonly yes',
  'redis-cli -p 6380 -n 1 ping',
  'mkdir -p build/cache',
  'tar -a -cf a.tar src',
  'serve --password-file /run/x',
  'POSTGRES_PASSWORD_FILE=/run/secrets/db',
  'docker login -u me --password-stdin registry.example.com',
  'openssl req -key server.key -out a.csr',
  'vite --ssl-key ./certs/dev.pem --port 5173',
  'node --max-old-space-size=4096 x.js --max-tokens 4096',
  'java -Dserver.port=8080 -Dspring.profiles.active=dev -jar app.jar',
  'gunicorn app:app -b 127.0.0.1:8000 -k uvicorn.workers.UvicornWorker',
  'celery -A app worker -P solo',
  'python -m http.server 8000',
  'git clone git@github.com:me/app',
  'git clone https://git@github.com/me/app',
  'postgres://postgres@localhost:5432/app',
  'http://localhost:8000/?page=2&sort=key&signed=no',
  'PWD=/home/me OLDPWD=/tmp',
  '{"PORT":8000,"name":"value"}',
  'auth:8080',
  'tokens: none were found in this file',
  'Unexpected token } in JSON at position 4',
  "it doesn't answer -p 8080, and won't",
  'npm run dev -- --author me --keyboard de',
  'docker-compose run -u node web npm test',
  'primaryKey: id',
  'X-Request-Id: 4711',
  'Content-Type: application/json',
];

describe('forms', () => {
  test.each(WITH_SECRET)('a secret is masked in %s', (text) => {
    const shown = maskSecrets(text);
    expect(shown).toContain(MASK);
    expect(shown).not.toContain('S3cr3t');
  });

  test('a secret is masked in the words of a command, and what surrounds it stays', () => {
    expect(maskCommand(['redis-cli', '-a', 'S3cr3t', '-p', '6379'])).toEqual(['redis-cli', '-a', MASK, '-p', '6379']);
    expect(maskCommand(['mysql', '-uroot', '-pS3cr3t', 'app'])).toEqual(['mysql', '-uroot', `-p${MASK}`, 'app']);
    expect(maskCommand(['x', '--token', 'a b', '--port', '80'])).toEqual(['x', '--token', MASK, '--port', '80']);
    expect(maskSecrets('curl -u admin:S3cr3t http://localhost:9200/a?sig=S3cr3t&b=1 -p 80')).toBe(
      `curl -u admin:${MASK} http://localhost:9200/a?sig=${MASK}&b=1 -p 80`,
    );
    expect(maskSecrets('sshpass -p S3cr3t ssh -p 22 host')).toBe(`sshpass -p ${MASK} ssh -p 22 host`);
  });

  test('a secret is in no text that the socket sends, whether its value is known or not', () => {
    const data = {
      type: 'service',
      links: { Admin: 'http://localhost/?sig=S3cr3t', Docs: 'https://S3cr3t@localhost/' },
      holders: [{ argv: ['redis-cli', '-a', 'S3cr3t'], command: 'redis-cli -a S3cr3t' }],
    };
    for (const values of [[], ['another one']]) expect(JSON.stringify(withoutSecrets(data, values))).not.toContain('S3cr3t');
  });
});

test.each(WITHOUT_SECRET)('nothing is masked in %s', (text) => {
  expect(maskSecrets(text)).toBe(text);
  expect(maskCommand(text.split(' ')).join(' ')).toBe(text);
});

test.each([
  'mysql -p',
  'a: ',
  'x-a:',
  '"',
  "'",
  '"\\',
  "-p'",
  'curl -u a:',
  '?a=',
  '&token=',
  'Bearer a',
  'Authorization: ',
  'a=',
  '--token ',
  "token='",
  'a:b@',
  'https://a',
  'token: x ',
  ' ',
  ';',
  '["a",',
  "sh -c '",
  '-',
  '.a',
  'a.b-',
  'rabbitmqctl add_user ',
])('128 KiB of %s are read in no time', async (part) => {
  const text = part.repeat(2 ** 17 / part.length);
  expect(await cpuTimeMs(() => maskSecrets(text))).toBeLessThan(2000);
});
